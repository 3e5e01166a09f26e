package io.longreach.encoders.transformer;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.PerLayer;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.Schedules;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Attention over rows that the caller has, without a model: one layer of a pattern.
 *
 * <p><b>Semantics.</b> Scores are query · key / sqrt(headDim), a query that sees no key gives a row
 * of zeros. Lsh hashes queries and keys apart by rotations from its seed; performer is linear
 * attention with a projection from its seed.
 *
 * <p>Thread-safe; what is drawn for a pattern is kept, so keep one for many documents.
 */
public final class RowAttention {

  /** What depends on the width of a head: made once. */
  private record Width(HeadShape shape, LshPlanner hashes, FeatureMap features) {}

  /**
   * Query, key and value of one document, {@code [tokens, columns]} each, row-major. Not copied by
   * this record.
   */
  public record Rows(float[] query, float[] key, float[] value, int tokens, int columns) {
    public Rows {
      long size = (long) tokens * columns;
      if (query.length != size || key.length != size || value.length != size) {
        throw new IllegalArgumentException(
            String.format(
                "query, key and value must hold tokens x columns = %d values, held %d, %d and %d:"
                    + " give as many rows of one length to each",
                size, query.length, key.length, value.length));
      }
    }
  }

  private final Device device;
  private final AttentionPattern pattern;
  private final int heads;
  private final Map<Integer, Width> widths = new ConcurrentHashMap<>();

  /**
   * @param heads heads that lie side by side in the columns of a row
   * @throws IllegalArgumentException if the pattern tells layers apart, or has none for a head
   */
  public RowAttention(Device device, AttentionPattern pattern, int heads) {
    if (heads < 1) {
      throw new IllegalArgumentException("heads must be at least 1, was " + heads + ": give 1");
    }
    if (pattern instanceof PerLayer) {
      throw new IllegalArgumentException(
          "pattern must be that of one layer, was '" + pattern + "': write one of its choices");
    }
    for (int head = 0; head < heads; head++) {
      pattern.at(0, head, heads);
    }
    this.device = device;
    this.pattern = pattern;
    this.heads = heads;
  }

  /**
   * The context, {@code [tokens, columns]} row-major.
   *
   * @throws IllegalArgumentException if the heads do not divide the columns, or the pattern cannot
   *     be laid over so many tokens
   */
  public float[] context(Rows rows) {
    if (rows.tokens() == 0) {
      return new float[0];
    }
    if (rows.columns() == 0 || rows.columns() % heads != 0) {
      throw new IllegalArgumentException(
          "heads must divide the length of a row, were "
              + heads
              + " for rows of "
              + rows.columns()
              + ": choose a divisor, or make the rows longer by zeros");
    }
    Width width = widths.computeIfAbsent(rows.columns() / heads, this::width);
    AttentionInput input =
        new AttentionInput(
            view(rows.query(), rows),
            view(rows.key(), rows),
            view(rows.value(), rows),
            heads,
            width.shape().headDim(),
            width.shape().softmaxScale());
    Matrix context = device.allocate(rows.tokens(), rows.columns());
    if (width.features() != null) {
      device.linearAttention(
          input, List.of(new Device.PlacedRows(0, rows.tokens())), width.features(), context);
    } else if (pattern instanceof Lsh lsh) {
      Document document = Document.of(new int[rows.tokens()]);
      LshDocument hashed = width.hashes().plan(lsh.hashedApart(), document);
      device.lshAttention(input, List.of(new Device.PlacedLsh(0, hashed)), context);
    } else {
      AttentionSchedule schedule =
          Schedules.of(pattern, 0, heads, rows.tokens(), device.tiles(), null);
      device.attention(input, 0, schedule, context, null);
    }
    return device.download(context, 0, rows.tokens());
  }

  private Width width(int headDim) {
    HeadShape shape = new HeadShape(heads, headDim);
    FeatureMap features =
        pattern instanceof Performer performer ? FeatureMap.draw(performer, 0, headDim) : null;
    return new Width(shape, new LshPlanner(0, shape, null), features);
  }

  private View view(float[] values, Rows rows) {
    return new View(device.upload(values, rows.tokens(), rows.columns()), 0);
  }
}
