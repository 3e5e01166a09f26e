package io.longreach.kernels.cuda;

import java.util.List;

/**
 * What the blocks of a launch work on, as {@code favor.cuh} has it: parts of documents, and the
 * documents that have any.
 *
 * @param documents null where nobody asks
 */
record FavorTable(Memory parts, Memory documents, int partCount, int documentCount)
    implements AutoCloseable {

  /** Up to 64 segments of each document, from segment {@code 64 * slab} on. */
  static FavorTable ofKeys(Memory.Pool pool, List<KeySegments> documents, int slab) {
    IntArray parts = new IntArray();
    IntArray owners = new IntArray();
    int first = slab * KeySegments.MOST_AT_ONCE;
    for (int d = 0; d < documents.size(); d++) {
      KeySegments segments = documents.get(d);
      int last = Math.min(segments.count(), first + KeySegments.MOST_AT_ONCE);
      int firstPart = parts.size() / 3;
      for (int segment = first; segment < last; segment++) {
        parts.add(segments.first(segment), segments.last(segment), d);
      }
      if (first < last) {
        owners.add(d, firstPart, parts.size() / 3);
      }
    }
    return new FavorTable(
        pool.of(parts.toArray()), pool.of(owners.toArray()), parts.size() / 3, owners.size() / 3);
  }

  /** All queries, a tile in each part. */
  static FavorTable ofQueries(Memory.Pool pool, List<KeySegments> documents) {
    IntArray parts = new IntArray();
    for (int d = 0; d < documents.size(); d++) {
      int end = documents.get(d).firstRow() + documents.get(d).tokens();
      for (int first = documents.get(d).firstRow(); first < end; first += KeySegments.TILE) {
        parts.add(first, Math.min(end, first + KeySegments.TILE), d);
      }
    }
    return new FavorTable(pool.of(parts.toArray()), null, parts.size() / 3, 0);
  }

  @Override
  public void close() {
    parts.close();
    if (documents != null) {
      documents.close();
    }
  }
}
