package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.KeyRows;
import io.longreach.kernels.pattern.KeyRuns;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Writes the tiles of one range of query ranks from the key runs of its queries.
 *
 * <p>For each query tile the starts and ends of all runs are sorted along the keys; sweeping over
 * them, one word says which of the tile's queries see the keys between two events. Entries are cut
 * from these stretches, so that the work follows the runs, and no connection is looked at by
 * itself. Where a tile is another one moved along, as inside every window, that one's entries are
 * copied ({@link InnerTile}).
 *
 * <p><b>Cost.</b> O(queryTile · runs · log) per query tile and O(keyTile) per masked entry.
 */
final class TilePlanner {
  /** Keys seen by nobody that an entry may bridge: cheaper than starting another entry. */
  private static final int BRIDGED_KEYS = 4;

  private final KeyRows rows;
  private final TileShape tiles;

  /** Key ranks that anybody may see, null for all. */
  private final BitSet validKeys;

  private final int words;
  private final MaskPool pool;
  private final EntryList entries = new EntryList();
  private final KeyRuns runs = new KeyRuns();

  private final RunEvents events = new RunEvents();

  /** Inner tiles by phase, shared by the planners of a pass. */
  private final InnerTile[] known;

  /** What was known at first and what was learned since. */
  private final InnerTile[] inner;

  /** Numbers of the masks of an inner tile's entries, null while the pool has them not. */
  private final int[][] innerMasks = new int[InnerTile.PHASES][];

  /** Entries of the tile before: the entry that many places back likely has the same mask. */
  private int entriesOfTileBefore = 1;

  /** Queries of each group (neighbours in the tile that see the same keys) as words of bits. */
  private final long[] groups;

  private final long[] everyQuery;
  private final long[] active;

  /** Stretches of keys seen by the same queries. */
  private int[] stretchStarts = new int[64];

  private int[] stretchEnds = new int[64];
  private long[] stretchQueries;
  private int stretchCount;

  private final long[] mask;

  /**
   * @param validKeys key ranks that anybody may see, null for all
   * @param known tiles of the same rows, null where there is none yet: what is learned is written
   *     there, by several threads if need be
   */
  TilePlanner(KeyRows rows, TileShape tiles, BitSet validKeys, InnerTile[] known) {
    this.rows = rows;
    this.tiles = tiles;
    this.validKeys = validKeys;
    this.known = known;
    this.inner = known.clone();
    this.words = (tiles.queryTile() + 63) >>> 6;
    this.pool = new MaskPool(tiles.keyTile() * words);
    this.groups = new long[tiles.queryTile() * words];
    this.everyQuery = new long[words];
    this.active = new long[words];
    this.stretchQueries = new long[64 * words];
    this.mask = new long[tiles.keyTile() * words];
  }

  /** Writes entries and masks for query ranks {@code [firstQuery, lastQuery)}. */
  BlockPlan.Builder write(BlockPlan.Builder builder, int firstQuery, int lastQuery) {
    int tileCount =
        (int) (((long) lastQuery - firstQuery + tiles.queryTile() - 1) / tiles.queryTile());
    int[] tileOffsets = new int[tileCount + 1];
    for (int tile = 0; tile < tileCount; tile++) {
      int first = firstQuery + tile * tiles.queryTile();
      int last = (int) Math.min((long) first + tiles.queryTile(), lastQuery);
      writeTile(first, last);
      tileOffsets[tile + 1] = entries.size();
      entriesOfTileBefore = Math.max(1, entries.size() - tileOffsets[tile]);
    }
    return entries
        .into(builder, tileOffsets)
        .tiles(tiles.queryTile(), tiles.keyTile())
        .range(firstQuery, lastQuery)
        .masks(pool.bits());
  }

  private void writeTile(int first, int last) {
    InnerTile.Place place = validKeys == null ? InnerTile.Place.of(rows, first, last) : null;
    int phase = place == null ? 0 : place.phase(tiles.queryTile()) % InnerTile.PHASES;
    if (place != null && inner[phase] != null && inner[phase].repeatsAt(place)) {
      repeatInner(phase, first - inner[phase].place().firstQuery());
      return;
    }
    int firstEntry = entries.size();
    for (int level = 0; level < rows.levels(); level++) {
      writeLevel(first, last, level);
    }
    if (place != null) {
      learn(place, phase, firstEntry);
    }
  }

  private void repeatInner(int phase, int step) {
    InnerTile.Entry[] repeated = inner[phase].entries();
    if (innerMasks[phase] == null) {
      innerMasks[phase] = new int[repeated.length];
      Arrays.setAll(innerMasks[phase], e -> pool.number(repeated[e].mask(), BlockPlan.FULL));
    }
    for (int e = 0; e < repeated.length; e++) {
      int by = repeated[e].moves() ? step : 0;
      entries.add(repeated[e].start() + by, repeated[e].end() + by, innerMasks[phase][e]);
    }
  }

  private void learn(InnerTile.Place place, int phase, int firstEntry) {
    InnerTile.Entry[] written = new InnerTile.Entry[entries.size() - firstEntry];
    int[] masks = new int[written.length];
    for (int e = 0; e < written.length; e++) {
      masks[e] = entries.mask(firstEntry + e);
      int start = entries.start(firstEntry + e);
      int end = entries.end(firstEntry + e);
      written[e] = new InnerTile.Entry(start, end, pool.mask(masks[e]), false);
    }
    inner[phase] = InnerTile.of(place, written, inner[phase]);
    innerMasks[phase] = masks;
    known[phase] = inner[phase];
  }

  private void writeLevel(int first, int last, int level) {
    collectEvents(first, last, level);
    if (events.runs() == 0) {
      return;
    }
    collectStretches();
    Arrays.fill(everyQuery, 0);
    setBits(everyQuery, 0, 0, last - first);
    cutEntries();
  }

  private void collectEvents(int first, int last, int level) {
    events.clear();
    Arrays.fill(groups, 0);
    int group = 0;
    for (int query = first; query < last; ) {
      int next = Math.min(rows.sameUntil(query), last);
      runs.clear();
      rows.keys(query, level, runs);
      events.addGroup(runs);
      setBits(groups, group * words, query - first, next - first);
      group++;
      query = next;
    }
    events.order();
  }

  private static void setBits(long[] bits, int offset, int from, int to) {
    for (int bit = from; bit < to; ) {
      int end = Math.min(to, (bit | 63) + 1);
      bits[offset + (bit >>> 6)] |= (-1L >>> (64 - (end - bit))) << (bit & 63);
      bit = end;
    }
  }

  private void collectStretches() {
    stretchCount = 0;
    Arrays.fill(active, 0);
    int start = 0;
    int end = events.runs();
    int lastEnd = 2 * end;
    int key = events.key(0);
    while (end < lastEnd) {
      for (; start < events.runs() && events.key(start) == key; start++) {
        toggle(events.group(start));
      }
      for (; end < lastEnd && events.key(end) == key; end++) {
        toggle(events.group(end));
      }
      if (end < lastEnd) {
        int next = events.key(end);
        if (start < events.runs()) {
          next = Math.min(next, events.key(start));
        }
        if (anyActive()) {
          addValidStretches(key, next);
        }
        key = next;
      }
    }
  }

  private void toggle(int group) {
    for (int word = 0; word < words; word++) {
      active[word] ^= groups[group * words + word];
    }
  }

  private boolean anyActive() {
    for (long word : active) {
      if (word != 0) {
        return true;
      }
    }
    return false;
  }

  private void addValidStretches(int start, int end) {
    if (validKeys == null) {
      addStretch(start, end);
      return;
    }
    int from = validKeys.nextSetBit(start);
    while (from >= 0 && from < end) {
      int to = Math.min(end, validKeys.nextClearBit(from));
      addStretch(from, to);
      from = validKeys.nextSetBit(to);
    }
  }

  private void addStretch(int start, int end) {
    if (stretchCount == stretchStarts.length) {
      stretchStarts = Arrays.copyOf(stretchStarts, 2 * stretchCount);
      stretchEnds = Arrays.copyOf(stretchEnds, 2 * stretchCount);
      stretchQueries = Arrays.copyOf(stretchQueries, 2 * stretchCount * words);
    }
    stretchStarts[stretchCount] = start;
    stretchEnds[stretchCount] = end;
    System.arraycopy(active, 0, stretchQueries, stretchCount * words, words);
    stretchCount++;
  }

  /** Cuts the stretches into entries of at most keyTile keys, from the left. */
  private void cutEntries() {
    int key = 0;
    for (int stretch = 0; stretch < stretchCount; ) {
      int start = Math.max(key, stretchStarts[stretch]);
      int limit = (int) Math.min((long) start + tiles.keyTile(), Integer.MAX_VALUE);
      int last = stretch;
      while (last + 1 < stretchCount
          && stretchEnds[last] < limit
          && stretchStarts[last + 1] < limit
          && stretchStarts[last + 1] - stretchEnds[last] <= BRIDGED_KEYS) {
        last++;
      }
      int end = Math.min(limit, stretchEnds[last]);
      entries.add(start, end, maskNumber(stretch, last, start, end));
      key = end;
      stretch = end == stretchEnds[last] ? last + 1 : last;
    }
  }

  private int maskNumber(int firstStretch, int lastStretch, int start, int end) {
    if (isFull(firstStretch, lastStretch)) {
      return BlockPlan.FULL;
    }
    Arrays.fill(mask, 0);
    for (int stretch = firstStretch; stretch <= lastStretch; stretch++) {
      int from = Math.max(start, stretchStarts[stretch]) - start;
      int to = Math.min(end, stretchEnds[stretch]) - start;
      for (int word = 0; word < words; word++) {
        long queries = stretchQueries[stretch * words + word];
        for (int key = from; key < to; key++) {
          mask[key * words + word] = queries;
        }
      }
    }
    return pool.number(mask, entries.maskBefore(entriesOfTileBefore));
  }

  private boolean isFull(int firstStretch, int lastStretch) {
    for (int stretch = firstStretch; stretch <= lastStretch; stretch++) {
      if (stretch > firstStretch && stretchStarts[stretch] != stretchEnds[stretch - 1]) {
        return false;
      }
      int from = stretch * words;
      if (!Arrays.equals(stretchQueries, from, from + words, everyQuery, 0, words)) {
        return false;
      }
    }
    return true;
  }
}
