package io.longreach.encoders.transformer;

import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshRotations;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives the documents of one layer their rotations.
 *
 * <p>Rotations that are not given are drawn once for each number of buckets and kept.
 */
final class LshPlanner {
  private record Drawn(Lsh lsh, int columns) {}

  private final int layer;
  private final HeadShape shape;
  private final LshRotations given;
  private final Map<Drawn, LshRotations> drawn = new ConcurrentHashMap<>();

  /**
   * @param given rotations, null to draw them from the pattern's seed
   */
  LshPlanner(int layer, HeadShape shape, LshRotations given) {
    this.layer = layer;
    this.shape = shape;
    this.given = given;
  }

  /** What decides the attention of a document besides its rows. */
  LshDocument plan(Lsh lsh, Document document) {
    int tokens = document.tokens();
    LshRotations rotations = tokens <= lsh.chunkTokens() ? null : rotations(lsh, tokens);
    return new LshDocument(lsh, rotations, tokens, document.valid());
  }

  private LshRotations rotations(Lsh lsh, int tokens) {
    if (given != null) {
      return given;
    }
    return drawn.computeIfAbsent(
        new Drawn(lsh, LshRotations.columns(lsh, tokens)),
        ignored -> LshRotations.draw(lsh, layer, shape.heads(), shape.headDim(), tokens));
  }
}
