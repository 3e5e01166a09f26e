package io.longreach.kernels.pattern;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Patterns for property tests: every kind, with arguments that bite at short lengths. */
public final class PatternArbitraries {
  private PatternArbitraries() {}

  /** Patterns that any length from {@code leastTokens} bears. */
  public static Arbitrary<PositionalPattern> positional(int leastTokens) {
    Arbitrary<PositionalPattern> simple = simple(leastTokens);
    Arbitrary<PositionalPattern> unions =
        simple.list().ofMinSize(2).ofMaxSize(4).map(Union::new).map(Function.identity());
    Arbitrary<PositionalPattern> any = Arbitraries.oneOf(simple, unions);
    return Arbitraries.oneOf(any, any.map(Causal::new).map(p -> (PositionalPattern) p));
  }

  private static Arbitrary<PositionalPattern> simple(int leastTokens) {
    Arbitrary<Integer> reach = Arbitraries.of(0, 1, 2, 5, 17, 64, 1000, Integer.MAX_VALUE);
    Arbitrary<Integer> near = Arbitraries.integers().between(0, 3);
    Arbitrary<Integer> size = Arbitraries.of(1, 2, 3, 7, 16, 48, 64);
    List<Arbitrary<? extends PositionalPattern>> kinds = new ArrayList<>();
    kinds.add(Arbitraries.just(new Dense()));
    kinds.add(Combinators.combine(reach, reach).as(SlidingWindow::new));
    kinds.add(Combinators.combine(reach, reach, size).as(Dilated::new));
    kinds.add(
        Arbitraries.integers()
            .between(0, leastTokens - 1)
            .set()
            .ofMinSize(1)
            .ofMaxSize(9)
            .map(set -> Global.of(set.stream().mapToInt(Integer::intValue).toArray())));
    kinds.add(Combinators.combine(size, Arbitraries.longs(), near, near).as(RandomKeys::new));
    kinds.add(Combinators.combine(size, near, near).as(Block::new));
    kinds.add(Combinators.combine(size, near, near).as(Chunks::new));
    kinds.add(size.map(Strided::new));
    kinds.add(
        Combinators.combine(size, Arbitraries.integers().between(1, 64))
            .as((block, summary) -> new Fixed(block, Math.min(block, summary))));
    kinds.add(
        Combinators.combine(size, near, source())
            .as((block, random, source) -> new BigBird(block, 3, random, 1, source)));
    kinds.add(
        Combinators.combine(size, near, near, near)
            .as(
                (block, window, random, global) ->
                    new BigBird(
                        block,
                        2 * window + 1,
                        random,
                        global,
                        new RandomBlocks.Seeded(random, window, global))));
    return Arbitraries.oneOf(kinds).map(p -> p);
  }

  private static Arbitrary<RandomBlocks> source() {
    Arbitrary<RandomBlocks> published =
        Combinators.combine(
                Arbitraries.longs().between(0, 1L << 31),
                Arbitraries.of(128, 1024, 4096),
                Arbitraries.integers().between(0, 11))
            .as((seed, most, head) -> new RandomBlocks.Published(seed, most, 1, head, 12));
    return Arbitraries.oneOf(published, Arbitraries.just(new RandomBlocks.Zero()));
  }

  /** Everything the text form can say. */
  public static Arbitrary<AttentionPattern> any() {
    Arbitrary<AttentionPattern> positional = positional(100).map(p -> p);
    Arbitrary<AttentionPattern> single = Arbitraries.oneOf(positional, lsh(), performer(), given());
    Arbitrary<AttentionPattern> perHead =
        Combinators.combine(positional, positional)
            .as((a, b) -> new PerHead(choices(a, b, new Range(0, 3), new Range(7, 7))));
    Arbitrary<AttentionPattern> layer = Arbitraries.oneOf(single, perHead);
    Arbitrary<AttentionPattern> perLayer =
        Combinators.combine(layer, layer)
            .as((a, b) -> new PerLayer(choices(a, b, new Range(0, 0), new Range(2, 11))));
    return Arbitraries.oneOf(layer, perLayer);
  }

  private static List<Choice> choices(
      AttentionPattern a, AttentionPattern b, Range first, Range second) {
    return List.of(new Choice(List.of(first, second), a), new Choice(List.of(), b));
  }

  private static Arbitrary<AttentionPattern> given() {
    List<List<Integer>> lists = List.of(List.of(0, 2), List.of(), List.of(1));
    return Arbitraries.of(
        new KeyLists(lists),
        new BigBird(16, 3, 2, 1, RandomBlocks.Given.of(new int[][] {{3, 5}, {0, 0}, {}})));
  }

  private static Arbitrary<AttentionPattern> lsh() {
    Arbitrary<List<Integer>> factors = Arbitraries.of(2, 8, 64).list().ofMaxSize(3);
    Arbitrary<Integer> near = Arbitraries.integers().between(0, 2);
    return Combinators.combine(
            factors,
            Arbitraries.of(1, 4),
            near,
            near,
            Arbitraries.of(Direction.values()),
            Arbitraries.longs(),
            Arbitraries.of(Lsh.Variant.values()),
            Arbitraries.of(Lsh.Hashed.values()))
        .as((f, r, b, a, d, s, v, h) -> new Lsh(f, r, 64, b, a, d, s, v, h));
  }

  private static Arbitrary<AttentionPattern> performer() {
    return Combinators.combine(
            Arbitraries.of(1, 256),
            Arbitraries.of(Performer.Kernel.values()),
            Arbitraries.of(Direction.values()),
            Arbitraries.longs())
        .as(Performer::new);
  }
}
