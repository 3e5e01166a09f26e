package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A transformer encoder: packed documents to hidden states.
 *
 * <p><b>Semantics.</b> A document's rows depend on nothing but the document, to the bit.
 *
 * <p><b>Cost.</b> About {@code 24 * hidden} bytes per token: hidden states, projections (three
 * times as wide), context and the branch of the layer at work; all layers share them. Thread-safe.
 */
public final class Encoder {
  private static final long BYTES_PER_HIDDEN = 24;

  private final Device device;
  private final Parts parts;

  /**
   * What an encoder is made of.
   *
   * @param embeddings summed up to the input
   * @param embeddingNorm null for none
   * @param finalNorm null for none
   */
  public record Parts(
      int hidden,
      List<EmbeddingTable> embeddings,
      Device.Norm embeddingNorm,
      Residuals residuals,
      List<EncoderLayer> layers,
      Device.Norm finalNorm) {
    public Parts {
      embeddings = List.copyOf(embeddings);
      layers = List.copyOf(layers);
    }

    /** What follows the last layer, in place. */
    Matrix finish(Device device, Matrix last) {
      if (finalNorm != null) {
        device.addNorm(last, null, finalNorm, last);
      }
      return last;
    }
  }

  public Encoder(Device device, Parts parts) {
    this.device = device;
    this.parts = parts;
  }

  /** Columns of the result. */
  public int columns() {
    return parts.residuals() == Residuals.REVERSIBLE ? 2 * parts.hidden() : parts.hidden();
  }

  public Device device() {
    return device;
  }

  /** Hidden states behind the last layer, {@code [documents.rows(), columns()]}. */
  public Matrix encode(PackedDocuments documents) {
    return encode(documents, StateListener.NONE);
  }

  /** The same, with the states between the layers shown to a listener. */
  public Matrix encode(PackedDocuments documents, StateListener listener) {
    Forward forward = new Forward(device, documents);
    Matrix hidden = embed(forward);
    Matrix attentionStream = hidden;
    if (parts.residuals() == Residuals.REVERSIBLE) {
      attentionStream = forward.allocate(parts.hidden());
      device.add(attentionStream, hidden);
    }
    listener.states(0, attentionStream, hidden);
    Matrix branch = forward.allocate(parts.hidden());
    Matrix context = null;
    for (int layer = 0; layer < parts.layers().size(); layer++) {
      EncoderLayer weights = parts.layers().get(layer);
      if (context == null || context.columns() != weights.attention().contextColumns()) {
        context = forward.allocateOperand(weights.attention().contextColumns());
      }
      if (parts.residuals() == Residuals.POST_NORM) {
        postNorm(forward, weights, hidden, branch, context);
      } else {
        preNorm(forward, weights, attentionStream, hidden, branch, context);
      }
      listener.states(layer + 1, attentionStream, hidden);
    }
    listener.attended(forward.attentionNanos());
    return parts.finish(
        device,
        parts.residuals() == Residuals.REVERSIBLE ? device.join(attentionStream, hidden) : hidden);
  }

  /** What {@link #encode} takes for so many tokens, about. */
  public long bytes(long tokens) {
    return BYTES_PER_HIDDEN * parts.hidden() * tokens;
  }

  /**
   * The document a segment at a time, in memory that does not grow with it; empty unless all layers
   * see tokens within a bounded distance and global tokens only, and nothing is masked. With global
   * tokens the states between two layers lie on the disk.
   *
   * @param segmentTokens rows that go from layer to layer at a time, rounded up to whole tiles
   */
  public Optional<DocumentStream> stream(Document document, int segmentTokens) {
    if (parts.residuals() == Residuals.REVERSIBLE || document.valid() != null) {
      return Optional.empty();
    }
    int tile = device.tiles().queryTile();
    StreamedForward forward =
        new StreamedForward(device, (Math.max(1, segmentTokens) + tile - 1) / tile * tile);
    List<LayerStream> layers = new ArrayList<>();
    for (EncoderLayer layer : parts.layers()) {
      Optional<AttentionStream> attention = layer.attention().stream(forward, document);
      if (attention.isEmpty()) {
        return Optional.empty();
      }
      layers.add(
          new LayerStream(forward, layer, parts.residuals(), attention.get(), parts.hidden()));
    }
    boolean global = layers.stream().anyMatch(layer -> layer.globalTokens().length > 0);
    return Optional.of(
        global
            ? new LayerwiseStream(parts, forward, layers, document)
            : new SegmentStream(parts, forward, layers, document));
  }

  private Matrix embed(Forward forward) {
    List<EmbeddingTable> embeddings = parts.embeddings();
    Device.Table[] tables = new Device.Table[embeddings.size()];
    int[][] indices = new int[tables.length][];
    for (int t = 0; t < tables.length; t++) {
      tables[t] = embeddings.get(t).table();
      indices[t] = forward.documents().indices(embeddings.get(t).index());
    }
    Matrix hidden = forward.allocate(parts.hidden());
    device.embed(tables, indices, hidden);
    if (parts.embeddingNorm() != null) {
      device.addNorm(hidden, null, parts.embeddingNorm(), hidden);
    }
    return hidden;
  }

  private void postNorm(
      Forward forward, EncoderLayer layer, Matrix hidden, Matrix branch, Matrix context) {
    layer.attention().attend(forward, hidden, context);
    layer.postNorm(device, context, hidden, branch);
  }

  private void preNorm(
      Forward forward,
      EncoderLayer layer,
      Matrix attentionStream,
      Matrix hidden,
      Matrix branch,
      Matrix context) {
    Matrix read = hidden;
    if (layer.attentionNorm() != null) {
      device.addNorm(hidden, null, layer.attentionNorm(), branch);
      read = branch;
    }
    layer.attention().attend(forward, read, context);
    layer.preNorm(device, context, attentionStream, hidden, branch);
  }
}
