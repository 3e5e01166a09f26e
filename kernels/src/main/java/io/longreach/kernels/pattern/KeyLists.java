package io.longreach.kernels.pattern;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Connections given from outside, a list of keys for each query: random choices of another
 * implementation, or a pattern that nobody has named. Written {@code keys(0 1; 1 2; 2)} for three
 * tokens. A key listed twice counts once.
 *
 * @param lists the keys of each query; sorted
 */
public record KeyLists(List<List<Integer>> lists) implements PositionalPattern {
  public KeyLists {
    List<List<Integer>> sorted = new ArrayList<>();
    for (List<Integer> keys : lists) {
      for (int key : keys) {
        if (key < 0 || key >= lists.size()) {
          throw new IllegalArgumentException(
              "a listed key must lie within the "
                  + lists.size()
                  + " tokens listed, was "
                  + key
                  + ": list the keys of every token");
        }
      }
      sorted.add(keys.stream().sorted().distinct().toList());
    }
    lists = List.copyOf(sorted);
    Rule.atLeast(1, "listed tokens", lists.size());
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    return lists.get(query).contains(key);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException unless there is one list for each token
   */
  @Override
  public List<KeyPart> parts(int tokens) {
    if (tokens != lists.size()) {
      throw new IllegalArgumentException(
          "keys must be listed for every token, were listed for "
              + lists.size()
              + " of "
              + tokens
              + ": list one set of keys per token");
    }
    return List.of(
        KeyPart.scattered(
            (query, level, out) ->
                out.addAll(lists.get(query).stream().mapToInt(Integer::intValue).toArray())));
  }

  @Override
  public String toString() {
    return lists.stream()
        .map(keys -> keys.stream().map(String::valueOf).collect(Collectors.joining(" ")))
        .collect(Collectors.joining("; ", "keys(", ")"));
  }
}
