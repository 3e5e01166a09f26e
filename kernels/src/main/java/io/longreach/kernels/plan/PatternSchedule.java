package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.Global;
import io.longreach.kernels.pattern.KeyLayout;
import io.longreach.kernels.pattern.KeyPart;
import io.longreach.kernels.pattern.KeyRows;
import io.longreach.kernels.pattern.KeyRuns;
import io.longreach.kernels.pattern.PositionalPattern;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Positional patterns, one for all heads or one for each. */
final class PatternSchedule implements AttentionSchedule {
  private final int tokens;
  private final TileShape tiles;

  /** Passes of each head; one list if heads share them. */
  private final List<List<Pass>> heads = new ArrayList<>();

  private final List<List<KeyPart>> parts = new ArrayList<>();
  private final boolean zeroesOthers;

  /** Found out when it is first asked for. */
  private Boolean separate;

  /**
   * @param patterns one for all heads, or one for each
   * @param valid tokens that are no padding, null for all
   */
  PatternSchedule(List<PositionalPattern> patterns, int tokens, TileShape tiles, BitSet valid) {
    this(tokens, tiles, true);
    Map<PositionalPattern, List<Pass>> known = new HashMap<>();
    for (PositionalPattern pattern : patterns) {
      heads.add(known.computeIfAbsent(pattern, p -> passes(inOrder(p, tokens), valid)));
    }
    if (known.size() == 1) {
      heads.subList(1, heads.size()).clear();
    }
  }

  private PatternSchedule(int tokens, TileShape tiles, boolean zeroesOthers) {
    this.tokens = tokens;
    this.tiles = tiles;
    this.zeroesOthers = zeroesOthers;
  }

  /** What global tokens see themselves, alike in all heads; other rows are left open. */
  static PatternSchedule globalRows(Global global, int tokens, TileShape tiles, BitSet valid) {
    PatternSchedule schedule = new PatternSchedule(tokens, tiles, false);
    schedule.heads.add(schedule.passes(inOrder(global, tokens).subList(0, 1), valid));
    return schedule;
  }

  private List<Pass> passes(List<KeyPart> parts, BitSet valid) {
    this.parts.add(parts);
    List<Pass> passes = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      passes.add(new Pass(parts.get(i), parts.subList(0, i), tokens, tiles, valid));
    }
    return passes;
  }

  /**
   * Parts in the order in which they take connections from each other: whole rows first, then runs
   * of tokens, then what is dearer by the connection.
   */
  static List<KeyPart> inOrder(PositionalPattern pattern, int tokens) {
    List<KeyPart> parts = new ArrayList<>(pattern.parts(tokens));
    parts.sort(Comparator.comparingInt(part -> rank(part.layout())));
    return parts;
  }

  private static int rank(KeyLayout layout) {
    if (layout instanceof KeyLayout.QueryRows) {
      return 0;
    } else if (layout instanceof KeyLayout.Tokens) {
      return 1;
    } else if (layout instanceof KeyLayout.KeyColumns) {
      return 2;
    } else if (layout instanceof KeyLayout.Residues) {
      return 3;
    }
    return 4;
  }

  private List<Pass> passesOf(int head) {
    return heads.get(heads.size() == 1 ? 0 : head);
  }

  @Override
  public int tokens() {
    return tokens;
  }

  @Override
  public int passes(int head) {
    return passesOf(head).size();
  }

  @Override
  public int queries(int head, int pass) {
    return passesOf(head).get(pass).queries();
  }

  /** Whole rows of global tokens leave nothing to the passes behind them. */
  @Override
  public synchronized boolean passesAreSeparate() {
    if (separate == null) {
      separate = parts.stream().allMatch(PatternSchedule::areSeparate);
    }
    return separate;
  }

  private static boolean areSeparate(List<KeyPart> parts) {
    for (int i = 0; i < parts.size() - 1; i++) {
      if (!(parts.get(i).layout() instanceof KeyLayout.QueryRows rows)) {
        return false;
      }
      for (int later = i + 1; later < parts.size(); later++) {
        if (hasKeys(new DisjointRows(parts.get(later), parts.subList(0, later)), rows.queries())) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean hasKeys(KeyRows rows, int[] queries) {
    KeyRuns runs = new KeyRuns();
    for (int query : queries) {
      for (int level = 0; level < rows.levels(); level++) {
        rows.keys(query, level, runs);
        if (runs.size() > 0) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public boolean zeroesOthers() {
    return zeroesOthers;
  }

  @Override
  public int queryTile() {
    return tiles.queryTile();
  }

  @Override
  public boolean sharedByHeads() {
    return heads.size() == 1;
  }

  @Override
  public Plan plan(int head, int pass, int firstQuery, int lastQuery) {
    return passesOf(head).get(pass).plan(firstQuery, lastQuery);
  }
}
