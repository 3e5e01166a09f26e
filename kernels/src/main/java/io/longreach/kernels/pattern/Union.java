package io.longreach.kernels.pattern;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What any member allows, written {@code window(128) + global(0)}. A key allowed by two members
 * counts once; one that a member counts more often counts as often as that member says.
 *
 * @param members at least two; a union among them is taken apart
 */
public record Union(List<PositionalPattern> members) implements PositionalPattern {
  public Union {
    List<PositionalPattern> flat = new ArrayList<>();
    for (PositionalPattern member : members) {
      if (member instanceof Union union) {
        flat.addAll(union.members());
      } else {
        flat.add(member);
      }
    }
    members = List.copyOf(flat);
    Rule.atLeast(2, "members of a union", members.size());
  }

  public static Union of(PositionalPattern... members) {
    return new Union(List.of(members));
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    for (PositionalPattern member : members) {
      if (member.attends(query, key, tokens)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int count(int query, int key, int tokens) {
    int count = 0;
    for (PositionalPattern member : members) {
      count = Math.max(count, member.count(query, key, tokens));
    }
    return count;
  }

  /** {@inheritDoc} Parts of equal layout become one, and so one pass. */
  @Override
  public List<KeyPart> parts(int tokens) {
    List<KeyPart> all = members.stream().flatMap(m -> m.parts(tokens).stream()).toList();
    List<KeyPart> parts = new ArrayList<>();
    merge(all, part -> part.layout() instanceof KeyLayout.Tokens, parts);
    merge(all, part -> part.layout() instanceof KeyLayout.Scattered, parts);
    for (KeyPart part : all) {
      if (!(part.layout() instanceof KeyLayout.Tokens)
          && !(part.layout() instanceof KeyLayout.Scattered)) {
        parts.add(part);
      }
    }
    return parts;
  }

  private static void merge(List<KeyPart> all, Predicate<KeyPart> kind, List<KeyPart> out) {
    List<KeyPart> same = all.stream().filter(kind).toList();
    if (same.size() == 1) {
      out.add(same.get(0));
    } else if (same.size() > 1) {
      List<KeyRows> rows = same.stream().map(KeyPart::rows).toList();
      out.add(new KeyPart(same.get(0).layout(), new Merged(rows)));
    }
  }

  /** The keys of all, each once. */
  private record Merged(List<KeyRows> members) implements KeyRows {
    @Override
    public void keys(int query, int level, KeyRuns out) {
      KeyRuns one = new KeyRuns();
      for (KeyRows member : members) {
        if (level < member.levels()) {
          one.clear();
          member.keys(query, level, one);
          out.addAll(one);
        }
      }
      out.normalize();
    }

    @Override
    public int levels() {
      return members.stream().mapToInt(KeyRows::levels).max().orElse(1);
    }

    @Override
    public int sameUntil(int query) {
      return members.stream().mapToInt(member -> member.sameUntil(query)).min().orElse(query + 1);
    }

    /** The longest of the members' periods, if the others fit into it. */
    @Override
    public int period() {
      int longest = members.stream().mapToInt(KeyRows::period).max().orElse(0);
      boolean fit = members.stream().allMatch(m -> m.period() > 0 && longest % m.period() == 0);
      return fit ? longest : 0;
    }

    @Override
    public boolean isInner(int first, int last) {
      return members.stream().allMatch(member -> member.isInner(first, last));
    }
  }

  @Override
  public Union at(int layer, int head, int heads) {
    return new Union(members.stream().map(member -> member.at(layer, head, heads)).toList());
  }

  @Override
  public Optional<Reach> reach() {
    Optional<Reach> reach = members.get(0).reach();
    for (PositionalPattern member : members) {
      reach = Reach.union(reach, member.reach());
    }
    return reach;
  }

  @Override
  public String toString() {
    return members.stream().map(String::valueOf).collect(Collectors.joining(" + "));
  }
}
