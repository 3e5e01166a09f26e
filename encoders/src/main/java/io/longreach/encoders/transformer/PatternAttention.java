package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Dense;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.Schedules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Attention over a pattern, with query, key and value from one linear layer.
 *
 * <p><b>Semantics.</b> Lsh hashes queries and keys by the same rotations and sorts them apart, as
 * they have projections of their own here; scores stay query · key / sqrt(headDim). Performer is
 * linear attention.
 */
public final class PatternAttention implements AttentionLayer {
  /** What {@link GlobalRows} computes for so many is still little beside a layer's work. */
  private static final int MOST_GLOBALS = 64;

  private final int layer;
  private final HeadShape shape;
  private final Device.Linear projections;
  private final Device.Rotation rotation;
  private final DocumentPattern patterns;
  private final LshPlanner hashes;
  private final FeatureAttention features;

  /**
   * @param projections {@code hidden -> 3 * heads * headDim}: query, key, value
   * @param rotation of queries and keys, null for none
   */
  public PatternAttention(
      int layer,
      HeadShape shape,
      Device.Linear projections,
      Device.Rotation rotation,
      DocumentPattern patterns) {
    this(layer, shape, projections, rotation, patterns, Map.of());
  }

  /**
   * @param features of linear attention where the checkpoint has them; drawn from the pattern's
   *     seed for other patterns
   */
  public PatternAttention(
      int layer,
      HeadShape shape,
      Device.Linear projections,
      Device.Rotation rotation,
      DocumentPattern patterns,
      Map<Performer, FeatureMap> features) {
    this.layer = layer;
    this.shape = shape;
    this.projections = projections;
    this.rotation = rotation;
    this.patterns = patterns;
    this.hashes = new LshPlanner(layer, shape, null);
    this.features = new FeatureAttention(layer, shape, features);
  }

  @Override
  public int contextColumns() {
    return shape.columns();
  }

  @Override
  public void attend(Forward forward, Matrix in, Matrix context) {
    Device device = forward.device();
    Matrix qkv = forward.sharedOperand("projections", projections.outputs());
    device.linear(in, projections, Activation.NONE, qkv);
    PackedDocuments documents = forward.documents();
    if (rotation != null) {
      device.rotate(new View(qkv, 0), 2 * shape.heads(), rotation, documents.placed());
    }
    List<Device.Placed> placed = new ArrayList<>();
    List<Device.PlacedLsh> hashed = new ArrayList<>();
    Map<Performer, List<Integer>> linear = new LinkedHashMap<>();
    for (int d = 0; d < documents.size(); d++) {
      Document document = documents.document(d);
      int firstRow = documents.firstRow(d);
      AttentionPattern pattern = patterns.of(document);
      AttentionPattern chosen = pattern.at(layer, 0, shape.heads());
      if (chosen instanceof Performer performer) {
        linear.computeIfAbsent(performer, alike -> new ArrayList<>()).add(d);
      } else if (chosen instanceof Lsh lsh) {
        hashed.add(new Device.PlacedLsh(firstRow, hashes.plan(lsh.hashedApart(), document)));
      } else {
        placed.add(new Device.Placed(firstRow, positional(forward, pattern, document)));
      }
    }
    linear.forEach((performer, alike) -> features.attend(forward, performer, qkv, alike, context));
    forward.lshAttention(input(qkv), hashed, context);
    forward.attention(input(qkv), placed, context);
  }

  @Override
  public Optional<AttentionStream> stream(StreamedForward forward, Document document) {
    return stream(forward, document, null, null);
  }

  /**
   * The same where global tokens have projections of their own.
   *
   * @param globalQuery null for none
   * @param globalKeyValue null for none
   */
  Optional<AttentionStream> stream(
      StreamedForward forward,
      Document document,
      Device.Linear globalQuery,
      Device.Linear globalKeyValue) {
    AttentionPattern pattern = patterns.of(document);
    List<PositionalPattern> heads = new ArrayList<>();
    for (int head = 0; head < shape.heads(); head++) {
      if (!(pattern.at(layer, head, shape.heads()) instanceof PositionalPattern positional)) {
        return Optional.empty();
      }
      heads.add(positional);
    }
    return LocalHeads.of(heads)
        .filter(local -> fits(local, document.tokens()))
        .map(
            local ->
                new SlidingAttention(
                    forward,
                    shape,
                    projections,
                    rotation,
                    local,
                    globalQuery,
                    globalKeyValue,
                    document.tokens()));
  }

  /** Whether the reach is less than the document, and a few global tokens are within it. */
  private static boolean fits(LocalHeads local, int tokens) {
    int[] globals = local.globalTokens();
    boolean few =
        globals.length <= MOST_GLOBALS
            && (globals.length == 0 || globals[globals.length - 1] < tokens);
    return few && local.reach().leftTokens() + local.reach().rightTokens() < tokens;
  }

  private AttentionSchedule positional(
      Forward forward, AttentionPattern pattern, Document document) {
    if (pattern instanceof Dense && document.valid() != null) {
      return new DenseOverKeys(document.tokens(), document.valid());
    }
    return forward.schedule(Schedules.heads(pattern, layer, shape.heads()), document);
  }

  private AttentionInput input(Matrix qkv) {
    return new AttentionInput(
        new View(qkv, 0),
        new View(qkv, shape.columns()),
        new View(qkv, 2 * shape.columns()),
        shape.heads(),
        shape.headDim(),
        shape.softmaxScale());
  }
}
