package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Choice;
import io.longreach.kernels.pattern.Global;
import io.longreach.kernels.pattern.PerHead;
import io.longreach.kernels.pattern.PerLayer;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.pattern.Union;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Attention with global tokens that have projections of their own.
 *
 * <p><b>Semantics.</b> Every token sees what the local pattern allows and the global tokens, by the
 * local projections. The row of a global token is then replaced: it sees every token by the global
 * projections. A global token that is padding is just padding.
 *
 * <p><b>Source.</b> Beltagy et al., Longformer, 2020, section 3.1.
 */
public final class GlobalAttention implements AttentionLayer {
  private final HeadShape shape;
  private final PatternAttention local;
  private final Device.Linear query;
  private final Device.Linear keyValue;

  /**
   * @param projections local query, key and value, {@code hidden -> 3 * heads * headDim}
   * @param query of the global tokens, {@code hidden -> heads * headDim}
   * @param keyValue that global tokens see, {@code hidden -> 2 * heads * headDim}
   */
  public GlobalAttention(
      int layer,
      HeadShape shape,
      Device.Linear projections,
      Device.Linear query,
      Device.Linear keyValue,
      DocumentPattern localPattern) {
    this.shape = shape;
    this.query = query;
    this.keyValue = keyValue;
    this.local =
        new PatternAttention(
            layer, shape, projections, null, document -> pattern(localPattern, document));
  }

  private static AttentionPattern pattern(DocumentPattern localPattern, Document document) {
    return withGlobal(localPattern.of(document), globals(document));
  }

  /**
   * The pattern with the keys of global tokens beside its own; lsh and performer have no room for
   * them, there only the rows of global tokens are global.
   */
  public static AttentionPattern withGlobal(AttentionPattern pattern, int[] globals) {
    if (globals.length == 0) {
      return pattern;
    }
    if (pattern instanceof PositionalPattern local) {
      return Union.of(local, Global.of(globals));
    }
    if (pattern instanceof PerLayer layers) {
      return new PerLayer(withGlobal(layers.choices(), globals));
    }
    return pattern instanceof PerHead heads
        ? new PerHead(withGlobal(heads.choices(), globals))
        : pattern;
  }

  private static List<Choice> withGlobal(List<Choice> choices, int[] globals) {
    return choices.stream()
        .map(choice -> new Choice(choice.numbers(), withGlobal(choice.pattern(), globals)))
        .toList();
  }

  private static int[] globals(Document document) {
    return document.valid() == null
        ? document.globalTokens()
        : IntStream.of(document.globalTokens()).filter(document.valid()::get).toArray();
  }

  @Override
  public int contextColumns() {
    return shape.columns();
  }

  @Override
  public Optional<AttentionStream> stream(StreamedForward forward, Document document) {
    int[] globals = globals(document);
    if (globals.length == 0) {
      return local.stream(forward, document);
    }
    // A pattern's own global tokens would go by the local projections, and these by the global
    // ones.
    return local.stream(forward, document, query, keyValue)
        .filter(stream -> Arrays.equals(stream.globalTokens(), globals));
  }

  @Override
  public void attend(Forward forward, Matrix in, Matrix context) {
    local.attend(forward, in, context);
    int[] rows = globalRows(forward.documents());
    if (rows.length == 0) {
      return;
    }
    Device device = forward.device();
    Matrix keysAndValues = forward.sharedOperand("global keys and values", keyValue.outputs());
    device.linear(in, keyValue, Activation.NONE, keysAndValues);
    AttentionInput input =
        new AttentionInput(
            new View(queries(forward, in, rows), 0),
            new View(keysAndValues, 0),
            new View(keysAndValues, shape.columns()),
            shape.heads(),
            shape.headDim(),
            shape.softmaxScale());
    Matrix globalContext = forward.sharedOperand("global context", shape.columns());
    PackedDocuments documents = forward.documents();
    List<Device.Placed> placed = new ArrayList<>();
    for (int d = 0; d < documents.size(); d++) {
      Document document = documents.document(d);
      int[] globals = globals(document);
      if (globals.length > 0) {
        placed.add(new Device.Placed(documents.firstRow(d), forward.globalRows(globals, document)));
      }
    }
    device.attention(input, placed, globalContext);
    device.copyRows(globalContext, rows, context, rows);
  }

  /** The queries of the global tokens in their rows; other rows hold nothing of use. */
  private Matrix queries(Forward forward, Matrix in, int[] rows) {
    Device device = forward.device();
    int[] first = IntStream.range(0, rows.length).toArray();
    Matrix gathered = device.allocate(rows.length, query.inputs());
    device.copyRows(in, rows, gathered, first);
    Matrix projected = device.allocate(rows.length, query.outputs());
    device.linear(gathered, query, Activation.NONE, projected);
    Matrix queries = forward.sharedOperand("global queries", query.outputs());
    device.copyRows(projected, first, queries, rows);
    return queries;
  }

  private static int[] globalRows(PackedDocuments documents) {
    return IntStream.range(0, documents.size())
        .boxed()
        .flatMapToInt(
            d ->
                IntStream.of(globals(documents.document(d)))
                    .map(token -> documents.firstRow(d) + token))
        .toArray();
  }
}
