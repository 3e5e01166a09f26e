package io.longreach.kernels.pattern;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads {@link PatternGrammar} by recursive descent. */
final class PatternParser {
  /** Brackets within brackets; more is no pattern but an attack on the stack. */
  private static final int DEEPEST = 64;

  private final TextCursor cursor;
  private int depth;

  private PatternParser(String text) {
    this.cursor = new TextCursor(text);
  }

  static AttentionPattern parse(String text) {
    PatternParser parser = new PatternParser(text);
    AttentionPattern pattern = parser.text();
    if (!parser.cursor.atEnd()) {
      throw parser.cursor.error(
          parser.cursor.position(), "expected '+' or the end, found " + parser.cursor.found());
    }
    return pattern;
  }

  private AttentionPattern text() {
    char first = cursor.peek();
    if (Character.isDigit(first) || first == '*') {
      int start = cursor.position();
      List<Choice> choices = choices();
      return checked(start, () -> new PerLayer(choices));
    }
    return union();
  }

  private List<Choice> choices() {
    List<Choice> choices = new ArrayList<>();
    do {
      List<Range> numbers = numbers();
      cursor.expect(':');
      choices.add(new Choice(numbers, union()));
    } while (cursor.take(';'));
    return choices;
  }

  private List<Range> numbers() {
    List<Range> numbers = new ArrayList<>();
    if (cursor.take('*')) {
      return numbers;
    }
    do {
      int position = cursor.position();
      numbers.add(Arguments.range(cursor, cursor.until(",:;)"), position));
    } while (cursor.take(','));
    return numbers;
  }

  private AttentionPattern union() {
    int start = cursor.position();
    if (++depth > DEEPEST) {
      throw cursor.error(start, "brackets must not be deeper than " + DEEPEST + ": write it flat");
    }
    AttentionPattern pattern = members(start);
    depth--;
    return pattern;
  }

  private AttentionPattern members(int start) {
    AttentionPattern first = member();
    if (cursor.peek() != '+') {
      return first;
    }
    List<PositionalPattern> members = new ArrayList<>();
    members.add(positional(start, first, "'+' joins"));
    while (cursor.take('+')) {
      int position = cursor.position();
      members.add(positional(position, member(), "'+' joins"));
    }
    return new Union(members);
  }

  private PositionalPattern positional(int position, AttentionPattern pattern, String what) {
    if (pattern instanceof PositionalPattern positional) {
      return positional;
    }
    throw cursor.error(
        position, what + " patterns of positions only, was '" + pattern + "': use it alone");
  }

  private AttentionPattern member() {
    int start = cursor.position();
    if (cursor.take('(')) {
      AttentionPattern inner = union();
      cursor.expect(')');
      return inner;
    }
    String name = cursor.word().toLowerCase(Locale.ROOT);
    if (name.isEmpty()) {
      throw cursor.error(start, "expected the name of a pattern, found " + cursor.found());
    }
    if (!PatternGrammar.NAMES.contains(name)) {
      String nearest = PatternGrammar.nearest(name, PatternGrammar.NAMES);
      throw cursor.error(
          start,
          "unknown pattern '"
              + name
              + "', "
              + (nearest == null
                  ? "known are " + String.join(", ", PatternGrammar.NAMES)
                  : "did you mean '" + nearest + "'?"));
    }
    return checked(start, () -> call(name, start));
  }

  private AttentionPattern call(String name, int start) {
    switch (name) {
      case "causal":
        return causal();
      case "heads":
        return heads();
      case "keys":
        return keys();
      default:
        Arguments arguments = new Arguments(cursor, name, start);
        if (cursor.take('(')) {
          arguments.read();
        }
        AttentionPattern pattern = PatternCalls.build(name, arguments);
        arguments.rejectOthers();
        return pattern;
    }
  }

  private AttentionPattern causal() {
    cursor.expect('(');
    int start = cursor.position();
    AttentionPattern inner = union();
    cursor.expect(')');
    if (inner instanceof Lsh lsh) {
      return lsh.causal();
    }
    if (inner instanceof Performer performer) {
      return performer.causal();
    }
    return new Causal(positional(start, inner, "causal(...) takes"));
  }

  private PerHead heads() {
    cursor.expect('(');
    List<Choice> choices = choices();
    cursor.expect(')');
    return new PerHead(choices);
  }

  private KeyLists keys() {
    cursor.expect('(');
    int start = cursor.position();
    List<List<Integer>> lists = Arguments.numbers(cursor, "keys", cursor.until(")"), start);
    cursor.expect(')');
    return new KeyLists(lists);
  }

  private interface Build {
    AttentionPattern run();
  }

  /** A pattern's own complaint about its values gets the place of its call. */
  private AttentionPattern checked(int start, Build build) {
    try {
      return build.run();
    } catch (PatternFormatException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw cursor.error(start, e.getMessage());
    }
  }
}
