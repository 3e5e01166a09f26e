package io.longreach.encoders.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * A model as ONNX Runtime computes it: the peer of the benchmarks and the oracle of the tests. ONNX
 * Runtime is not shipped: without it on the class path this class does not load.
 */
public final class OnnxRuntimeModel implements EncoderBenchmark.PeerModel {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  /** MiniLM. */
  public OnnxRuntimeModel(int threads) {
    this("all-minilm-l6-v2.onnx", threads);
  }

  /** The model of a resource. */
  public OnnxRuntimeModel(String resource, int threads) {
    try (InputStream in = OnnxRuntimeModel.class.getResourceAsStream("/" + resource);
        OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      session = environment.createSession(in.readAllBytes(), options);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its name with its version, for tables. */
  @Override
  public String name() {
    return "onnxruntime " + environment.getVersion();
  }

  /** Last hidden states of documents of one length, {@code [documents][tokens][384]}. */
  public float[][][] lastHiddenStates(int[][] documents) {
    return run(documents, result -> (float[][][]) result.get(0).getValue());
  }

  /** Computes the last hidden states and drops them, for measuring. */
  @Override
  public void compute(int[][] documents) {
    run(documents, result -> null);
  }

  private interface Reader<T> {
    T read(OrtSession.Result result) throws OrtException;
  }

  private <T> T run(int[][] documents, Reader<T> reader) {
    long[] shape = {documents.length, documents[0].length};
    long[] ids = Arrays.stream(documents).flatMapToInt(Arrays::stream).asLongStream().toArray();
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    try (OnnxTensor input = tensor(ids, shape);
        OnnxTensor mask = tensor(ones, shape);
        OnnxTensor types = tensor(new long[ids.length], shape);
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", input, "attention_mask", mask, "token_type_ids", types))) {
      return reader.read(result);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private OnnxTensor tensor(long[] values, long[] shape) throws OrtException {
    return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
