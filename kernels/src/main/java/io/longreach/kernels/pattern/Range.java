package io.longreach.kernels.pattern;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Numbers {@code first .. last}, both included: tokens, layers, heads. Written {@code 3} or {@code
 * 0-3}.
 */
public record Range(int first, int last) {
  public Range {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException(
          "a range must ascend from 0 or more, was " + first + "-" + last + ": write 3 or 0-3");
    }
  }

  /** Whether {@code number} lies inside. */
  public boolean contains(int number) {
    return first <= number && number <= last;
  }

  /** Sorted, and merged where they touch or overlap. */
  static List<Range> merge(List<Range> ranges) {
    List<Range> merged = new ArrayList<>();
    for (Range next : ranges.stream().sorted(Comparator.comparingInt(Range::first)).toList()) {
      Range last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (last != null && next.first <= last.last + 1L) {
        merged.set(merged.size() - 1, new Range(last.first, Math.max(last.last, next.last)));
      } else {
        merged.add(next);
      }
    }
    return List.copyOf(merged);
  }

  static boolean anyContains(List<Range> ranges, int number) {
    for (Range range : ranges) {
      if (range.contains(number)) {
        return true;
      }
    }
    return false;
  }

  static String join(List<Range> ranges, String separator) {
    return ranges.stream().map(Range::toString).collect(Collectors.joining(separator));
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
