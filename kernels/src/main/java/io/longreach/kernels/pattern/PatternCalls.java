package io.longreach.kernels.pattern;

import java.util.List;
import java.util.Locale;

/** From the name and arguments of a call to its pattern. */
final class PatternCalls {
  private PatternCalls() {}

  static AttentionPattern build(String name, Arguments arguments) {
    switch (name) {
      case "dense":
        return new Dense();
      case "window":
        return window(arguments);
      case "dilated":
        return dilated(arguments);
      case "global":
        return new Global(arguments.ranges());
      case "random":
        return new RandomKeys(
            arguments.firstOrNamed("keys"),
            arguments.seed(),
            arguments.number("layer", 0),
            arguments.number("head", 0));
      case "block":
        return new Block(
            arguments.firstOrNamed("tokens"),
            arguments.number("before", 0),
            arguments.number("after", 0));
      case "chunks":
        return new Chunks(
            arguments.firstOrNamed("tokens"),
            arguments.number("before", 1),
            arguments.number("after", 0));
      case "bigbird":
        return bigBird(arguments);
      case "strided":
        return new Strided(arguments.firstOrNamed("tokens"));
      case "fixed":
        return new Fixed(arguments.firstOrNamed("block"), arguments.number("summary"));
      case "lsh":
        return lsh(arguments);
      case "performer":
        return performer(arguments);
      default:
        throw arguments.error("pattern '" + name + "' takes no call");
    }
  }

  private static AttentionPattern window(Arguments arguments) {
    if (arguments.has("left") || arguments.has("right")) {
      return new SlidingWindow(arguments.number("left"), arguments.number("right"));
    }
    int tokens = arguments.firstOrNamed("tokens");
    return new SlidingWindow(tokens, tokens);
  }

  private static AttentionPattern dilated(Arguments arguments) {
    if (arguments.has("left") || arguments.has("right")) {
      return new Dilated(
          arguments.number("left"), arguments.number("right"), arguments.number("rate"));
    }
    int steps = arguments.firstOrNamed("steps");
    return new Dilated(steps, steps, arguments.number("rate"));
  }

  private static AttentionPattern bigBird(Arguments arguments) {
    return new BigBird(
        arguments.number("block"),
        arguments.number("window", 3),
        arguments.number("random", 3),
        arguments.number("global", 1),
        randomBlocks(arguments));
  }

  private static RandomBlocks randomBlocks(Arguments arguments) {
    if (arguments.has("blocks")) {
      return new RandomBlocks.Given(arguments.lists("blocks"));
    }
    switch (arguments.word("draw", List.of("published", "seeded", "zero"))) {
      case "zero":
        return new RandomBlocks.Zero();
      case "seeded":
        return new RandomBlocks.Seeded(
            arguments.seed(), arguments.number("layer", 0), arguments.number("head", 0));
      default:
        return new RandomBlocks.Published(
            arguments.seed(),
            arguments.number("positions", RandomBlocks.Published.USUAL_MAX_TOKENS),
            arguments.number("layer", 0),
            arguments.number("head", 0),
            arguments.number("heads", 1));
    }
  }

  private static AttentionPattern lsh(Arguments arguments) {
    return new Lsh(
        arguments.factors("buckets"),
        arguments.number("rounds"),
        arguments.number("chunk"),
        arguments.number("before", 1),
        arguments.number("after", 0),
        Direction.BIDIRECTIONAL,
        arguments.seed(),
        Lsh.Variant.valueOf(upper(arguments.word("variant", List.of("reformer", "lucidrains")))),
        Lsh.Hashed.valueOf(upper(arguments.word("hashed", List.of("shared", "separate")))));
  }

  private static AttentionPattern performer(Arguments arguments) {
    return new Performer(
        arguments.number("features"),
        Performer.Kernel.valueOf(upper(arguments.word("kernel", List.of("softmax", "relu")))),
        Direction.BIDIRECTIONAL,
        arguments.seed());
  }

  private static String upper(String word) {
    return word.toUpperCase(Locale.ROOT);
  }
}
