package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.KeyLayout;
import io.longreach.kernels.pattern.KeyPart;
import io.longreach.kernels.pattern.KeyRows;
import io.longreach.kernels.pattern.KeyRuns;
import java.util.List;

/**
 * The keys of a part that no earlier part has, by query token and in the part's own indices. Not
 * thread-safe: one for each planner.
 */
final class DisjointRows implements KeyRows {
  private final KeyPart part;
  private final List<KeyPart> earlier;
  private final KeyRuns taken = new KeyRuns();
  private final int levels;

  DisjointRows(KeyPart part, List<KeyPart> earlier) {
    this.part = part;
    this.earlier = earlier;
    this.levels = part.rows().levels();
  }

  @Override
  public void keys(int query, int level, KeyRuns out) {
    part.rows().keys(query, level, out);
    for (int i = 0; i < earlier.size() && out.size() > 0; i++) {
      KeyPart other = earlier.get(i);
      if (level < other.rows().levels()) {
        taken.clear();
        other.rows().keys(query, level, taken);
        remove(query, other.layout(), out);
      }
    }
  }

  private void remove(int query, KeyLayout from, KeyRuns out) {
    KeyLayout own = part.layout();
    for (int run = 0; run < taken.size(); run++) {
      if (from.indexIsToken()) {
        out.remove(own.indexOf(query, taken.start(run)), own.indexOf(query, taken.end(run)));
      } else {
        for (int index = taken.start(run); index < taken.end(run); index++) {
          int token = from.token(query, index);
          out.remove(own.indexOf(query, token), own.indexOf(query, token + 1L));
        }
      }
    }
  }

  @Override
  public int levels() {
    return levels;
  }

  @Override
  public int period() {
    return part.rows().period();
  }

  /** Where earlier parts have nothing, for all queries alike. */
  @Override
  public boolean isInner(int first, int last) {
    boolean inner = part.rows().isInner(first, last);
    for (int i = 0; i < earlier.size() && inner; i++) {
      inner = hasNone(earlier.get(i).rows(), first, last);
    }
    return inner;
  }

  private boolean hasNone(KeyRows other, int first, int last) {
    taken.clear();
    other.keys(first, 0, taken);
    return taken.size() == 0 && other.sameUntil(first) >= last;
  }

  @Override
  public int sameUntil(int query) {
    int until = part.rows().sameUntil(query);
    for (int i = 0; i < earlier.size() && until > query + 1; i++) {
      until = Math.min(until, earlier.get(i).rows().sameUntil(query));
    }
    return until;
  }
}
