package io.longreach.kernels.pattern;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The arguments of one call as written, read by name; every error points at the argument. */
final class Arguments {
  /** A value and where it stands. */
  private record Written(String value, int position) {}

  private final TextCursor cursor;
  private final String call;
  private final int callPosition;
  private final Map<String, Written> named = new LinkedHashMap<>();
  private final List<Written> unnamed = new ArrayList<>();
  private final Map<String, Integer> namePositions = new LinkedHashMap<>();
  private final List<String> known = new ArrayList<>();

  Arguments(TextCursor cursor, String call, int callPosition) {
    this.cursor = cursor;
    this.call = call;
    this.callPosition = callPosition;
  }

  /** Reads up to the closing bracket, which the cursor has passed the opening one of. */
  void read() {
    if (cursor.take(')')) {
      return;
    }
    do {
      readOne();
    } while (cursor.take(','));
    cursor.expect(')');
  }

  private void readOne() {
    int start = cursor.position();
    String name = cursor.word();
    if (name.isEmpty() || !cursor.take('=')) {
      cursor.backTo(start);
      unnamed.add(new Written(value(start), start));
      return;
    }
    int position = cursor.position();
    if (named.put(name, new Written(value(position), position)) != null) {
      throw cursor.error(start, "argument '" + name + "' is given twice");
    }
    namePositions.put(name, start);
  }

  private String value(int position) {
    String value = cursor.until(",()");
    if (value.isEmpty()) {
      throw cursor.error(position, "expected a value, found " + cursor.found());
    }
    return value;
  }

  /** How many values come without a name. */
  int unnamed() {
    return unnamed.size();
  }

  boolean has(String name) {
    return named.containsKey(name);
  }

  /** The first unnamed value, or the one of that name. */
  int firstOrNamed(String name) {
    if (unnamed.isEmpty()) {
      return number(name);
    }
    known.add(name);
    if (has(name)) {
      throw cursor.error(
          namePositions.get(name), "argument '" + name + "' is given with and without its name");
    }
    Written value = unnamed.remove(0);
    return parseInt(name, value);
  }

  int number(String name) {
    known.add(name);
    Written value = named.remove(name);
    if (value == null) {
      throw cursor.error(
          callPosition, call + " needs " + name + ": write " + name + "=... in its brackets");
    }
    return parseInt(name, value);
  }

  int number(String name, int standard) {
    known.add(name);
    return has(name) ? number(name) : standard;
  }

  long seed() {
    known.add("seed");
    Written value = named.remove("seed");
    if (value == null) {
      return 0;
    }
    try {
      return Long.parseLong(value.value);
    } catch (NumberFormatException e) {
      throw cursor.error(
          value.position, "seed must be a 64-bit number, was '" + value.value + "': write seed=7");
    }
  }

  /** One of the words, the first if none is written. */
  String word(String name, List<String> words) {
    known.add(name);
    Written value = named.remove(name);
    if (value == null) {
      return words.get(0);
    }
    if (!words.contains(value.value)) {
      throw cursor.error(
          value.position,
          name + " must be one of " + String.join(", ", words) + ", was '" + value.value + "'");
    }
    return value.value;
  }

  /** Numbers joined by {@code x}, none for {@code auto} or nothing. */
  List<Integer> factors(String name) {
    known.add(name);
    Written value = named.remove(name);
    List<Integer> factors = new ArrayList<>();
    if (value != null && !value.value.equals("auto")) {
      for (String factor : value.value.split("x", -1)) {
        factors.add(parseInt(name, new Written(factor.trim(), value.position)));
      }
    }
    return factors;
  }

  /** All unnamed values as ranges. */
  List<Range> ranges() {
    List<Range> ranges = new ArrayList<>();
    for (Written value : unnamed) {
      ranges.add(range(cursor, value.value, value.position));
    }
    unnamed.clear();
    return ranges;
  }

  static Range range(TextCursor cursor, String text, int position) {
    int dash = text.indexOf('-', 1);
    String first = dash < 0 ? text : text.substring(0, dash).trim();
    String last = dash < 0 ? text : text.substring(dash + 1).trim();
    try {
      return new Range(Integer.parseInt(first), Integer.parseInt(last));
    } catch (NumberFormatException e) {
      throw cursor.error(
          position, "a range must be like 3 or 0-3 below 2147483648, was '" + text + "'");
    } catch (IllegalArgumentException e) {
      throw cursor.error(position, e.getMessage());
    }
  }

  /** {@code [1 2; 3]} as lists of numbers. */
  List<List<Integer>> lists(String name) {
    known.add(name);
    Written value = named.remove(name);
    if (value == null || !value.value.startsWith("[") || !value.value.endsWith("]")) {
      int position = value == null ? callPosition : value.position;
      throw cursor.error(position, name + " must be lists of numbers like [3 5; 1 2]");
    }
    String inner = value.value.substring(1, value.value.length() - 1);
    return numbers(cursor, name, inner, value.position);
  }

  static List<List<Integer>> numbers(TextCursor cursor, String name, String text, int position) {
    List<List<Integer>> lists = new ArrayList<>();
    for (String list : text.split(";", -1)) {
      List<Integer> numbers = new ArrayList<>();
      for (String number : list.trim().split("\\s+")) {
        if (!number.isEmpty()) {
          numbers.add(parse(cursor, name, number, position));
        }
      }
      lists.add(numbers);
    }
    return lists;
  }

  private int parseInt(String name, Written value) {
    return parse(cursor, name, value.value, value.position);
  }

  private static int parse(TextCursor cursor, String name, String text, int position) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      boolean number = text.matches("[-+]?\\d+");
      throw cursor.error(
          position,
          number
              ? name + " must be at most " + Integer.MAX_VALUE + ", was " + text + ": choose less"
              : name + " must be a whole number, was '" + text + "'");
    }
  }

  /** After all known arguments were read: nothing may be left. */
  void rejectOthers() {
    for (String name : named.keySet()) {
      String nearest = PatternGrammar.nearest(name, known);
      throw cursor.error(
          namePositions.get(name),
          call
              + " has no argument '"
              + name
              + "'"
              + (nearest == null ? "" : ", did you mean '" + nearest + "'?")
              + (known.isEmpty() ? ": it takes none" : ": it takes " + String.join(", ", known)));
    }
    if (!unnamed.isEmpty()) {
      throw cursor.error(
          unnamed.get(0).position,
          call
              + " takes no value here: name it, as in "
              + call
              + "(...="
              + unnamed.get(0).value
              + ")");
    }
  }

  PatternFormatException error(String message) {
    return cursor.error(callPosition, message);
  }
}
