package io.longreach.encoders.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.kernels.pattern.Dense;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Global;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.pattern.Union;
import io.longreach.kernels.plan.LshRotations;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * Attention alone: {@code in.q}, {@code in.k}, {@code in.v} (or {@code in.qk}) of {@code [batch,
 * heads, tokens, headDim]}, a key mask {@code in.attention_mask}, and {@code out.context}, whose
 * masked rows are zero.
 */
final class AttentionCase implements CaseRunner {

  @Override
  public boolean takes(GoldenCase golden) {
    return golden.config().has("pattern") && golden.tensors().has("out.context");
  }

  @Override
  public Outcome run(GoldenCase golden, Engine engine) {
    CaseTensor expected = golden.tensors().get("out.context").shaped(-1, -1, -1, -1);
    double worst = 0;
    for (int row = 0; row < expected.axis(0); row++) {
      double[][][] context = new Row(golden, engine, expected.shape(), row).context();
      worst = Math.max(worst, difference(expected.at(row), context));
    }
    return new Outcome(engine.name(), worst, engine.attentionBound());
  }

  /** NaN if anything is NaN, so that it cannot hide behind a maximum. */
  private static double difference(CaseTensor expected, double[][][] context) {
    double worst = 0;
    int at = 0;
    for (double[][] head : context) {
      for (double[] token : head) {
        for (double value : token) {
          worst = Math.max(worst, Math.abs(value - expected.values()[at++]));
        }
      }
    }
    return worst;
  }

  /** One document of the batch. */
  private static final class Row {
    private final GoldenCase golden;
    private final Engine engine;
    private final int row;
    private final int heads;
    private final int tokens;
    private final int headDim;
    private final BitSet mask = new BitSet();
    private final BitSet valid;

    Row(GoldenCase golden, Engine engine, int[] shape, int row) {
      this.golden = golden;
      this.engine = engine;
      this.row = row;
      this.heads = shape[1];
      this.tokens = shape[2];
      this.headDim = shape[3];
      if (golden.tensors().has("in.attention_mask")) {
        double[] marks =
            golden.tensors().get("in.attention_mask").shaped(shape[0], tokens).at(row).values();
        for (int token = 0; token < tokens; token++) {
          mask.set(token, marks[token] != 0);
        }
      } else {
        mask.set(0, tokens);
      }
      this.valid = mask.cardinality() == tokens ? null : mask;
    }

    double[][][] context() {
      return switch (golden.config().path("pattern").asText()) {
        case "lsh", "lsh_lucidrains" -> lsh();
        case "favor" -> linear();
        default -> positional();
      };
    }

    private double[][][] input(String name) {
      CaseTensor all = golden.tensors().get("in." + name).shaped(-1, heads, tokens, headDim);
      double[][][] input = new double[heads][][];
      for (int head = 0; head < heads; head++) {
        input[head] = all.at(row).at(head).rows();
      }
      return input;
    }

    private Engine.Tensors inputs(String suffix) {
      return new Engine.Tensors(input("q" + suffix), input("k" + suffix), input("v" + suffix));
    }

    private double scale() {
      JsonNode scale = golden.config().path("scale");
      return scale.isNumber() ? scale.asDouble() : 1 / Math.sqrt(headDim);
    }

    private double[][][] positional() {
      List<PositionalPattern> patterns = new AttentionPatterns(golden, heads).positional();
      Global global = global();
      Engine.Tensors inputs = inputs("");
      if (global == null) {
        return engine.positional(patterns, inputs, scale(), valid);
      }
      List<PositionalPattern> withGlobal =
          patterns.stream().map(p -> (PositionalPattern) Union.of(p, global)).toList();
      double[][][] context = engine.positional(withGlobal, inputs, scale(), valid);
      if (golden.config().path("global_projections").asText().equals("separate")) {
        List<PositionalPattern> dense =
            patterns.stream().map(p -> (PositionalPattern) new Dense()).toList();
        double[][][] whole = engine.positional(dense, inputs("_global"), scale(), valid);
        for (int head = 0; head < heads; head++) {
          for (int token = 0; token < tokens; token++) {
            if (global.attends(token, token, tokens)) {
              context[head][token] = whole[head][token];
            }
          }
        }
      }
      return context;
    }

    /** The document's global tokens, null if it has none; a masked one is just masked. */
    private Global global() {
      if (!golden.tensors().has("in.global_attention_mask")) {
        return null;
      }
      double[] marks =
          golden.tensors().get("in.global_attention_mask").shaped(-1, tokens).at(row).values();
      int[] members = mask.stream().filter(token -> marks[token] != 0).toArray();
      return members.length == 0 ? null : Global.of(members);
    }

    private double[][][] lsh() {
      Lsh lsh = new AttentionPatterns(golden, heads).lsh();
      LshRotations rotations = null;
      if (tokens > lsh.chunkTokens()) {
        CaseTensor given = golden.tensors().get("rec.rotations");
        int own = given.shape().length == 4 ? given.axis(0) : 1;
        int columns = LshRotations.columns(lsh, tokens);
        rotations = new LshRotations(given.floats(), own, headDim, lsh.rounds(), columns);
      }
      double[][][] queryKey = input("qk");
      Engine.Tensors inputs = new Engine.Tensors(queryKey, queryKey, input("v"));
      return engine.lsh(lsh, inputs, rotations, valid);
    }

    /** The reference ran every document alone: padding is left out, not masked. */
    private double[][][] linear() {
      double[][] projection = golden.tensors().get("rec.projection").shaped(-1, headDim).rows();
      Performer performer =
          new Performer(
              projection.length,
              Performer.Kernel.valueOf(
                  golden.config().path("kernel").asText("softmax").toUpperCase(Locale.ROOT)),
              golden.flag("causal") ? Direction.CAUSAL : Direction.BIDIRECTIONAL,
              0);
      int[] real = mask.stream().toArray();
      double[][][] context = new double[heads][tokens][headDim];
      if (real.length == 0) {
        return context;
      }
      Engine.Tensors all = inputs("");
      Engine.Tensors alone =
          new Engine.Tensors(
              pick(all.query(), real), pick(all.key(), real), pick(all.value(), real));
      double[][][] made = engine.linear(performer, alone, projection);
      for (int head = 0; head < heads; head++) {
        for (int i = 0; i < real.length; i++) {
          context[head][real[i]] = made[head][i];
        }
      }
      return context;
    }

    private static double[][][] pick(double[][][] heads, int[] tokens) {
      double[][][] picked = new double[heads.length][tokens.length][];
      for (int head = 0; head < heads.length; head++) {
        for (int i = 0; i < tokens.length; i++) {
          picked[head][i] = heads[head][tokens[i]];
        }
      }
      return picked;
    }
  }
}
