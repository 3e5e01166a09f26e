package io.longreach.kernels.plan;

/**
 * The tiles a kernel wants.
 *
 * @param queryTile queries per tile
 * @param keyTile most keys of one entry
 */
public record TileShape(int queryTile, int keyTile) {

  /** What the CPU kernel likes best for windows. */
  public static final TileShape DEFAULT = new TileShape(48, 128);

  /** Largest tile side a plan can say. */
  public static final int LIMIT = 1 << 16;

  public TileShape {
    if (queryTile < 1 || queryTile > LIMIT || keyTile < 1 || keyTile > LIMIT) {
      throw new IllegalArgumentException(
          "tiles must be 1 to "
              + LIMIT
              + " on each side, were "
              + queryTile
              + " x "
              + keyTile
              + ": try 48 x 128");
    }
  }
}
