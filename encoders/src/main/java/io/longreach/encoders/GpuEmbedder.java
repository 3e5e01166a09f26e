package io.longreach.encoders;

import io.longreach.kernels.cuda.CudaException;
import io.longreach.kernels.cuda.CudaOutOfMemoryException;
import io.longreach.kernels.cuda.SharedGpu;
import io.longreach.kernels.device.RowReduction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * An embedder on a GPU that others use as well. A batch for which there is no memory is halved
 * until there is; a single document for which there is none goes to the CPU. With {@code
 * device=auto} the CPU also takes over where the GPU fails.
 */
final class GpuEmbedder implements Embedder {
  private final ModelEmbedder gpu;
  private final SharedGpu shared;
  private final boolean automatic;
  private final Supplier<ModelEmbedder> openCpu;
  private ModelEmbedder cpu;
  private volatile boolean broken;

  /**
   * @param automatic whether the CPU may take over for good
   * @param openCpu opens the same model on the CPU, when it is first needed
   */
  GpuEmbedder(
      ModelEmbedder gpu, SharedGpu shared, boolean automatic, Supplier<ModelEmbedder> openCpu) {
    this.gpu = gpu;
    this.shared = shared;
    this.automatic = automatic;
    this.openCpu = openCpu;
  }

  @Override
  public Tokens tokenize(String text) {
    return gpu.tokenize(text);
  }

  @Override
  public Tokens tokenize(String text, Runnable betweenPieces) {
    return gpu.tokenize(text, betweenPieces);
  }

  @Override
  public PlacedTokens tokenizeWithPlaces(String text) {
    return gpu.tokenizeWithPlaces(text);
  }

  @Override
  public PlacedTokens tokenizeWithPlaces(String text, Runnable betweenPieces) {
    return gpu.tokenizeWithPlaces(text, betweenPieces);
  }

  @Override
  public Tokens withGlobalTokens(Tokens tokens, String globalTokens) {
    return gpu.withGlobalTokens(tokens, globalTokens);
  }

  @Override
  public List<Embedding> embed(List<Tokens> batch) {
    Embedding[] embeddings = new Embedding[batch.size()];
    encode(batch, (index, states) -> embeddings[index] = gpu.embedding(states));
    return List.of(embeddings);
  }

  @Override
  public void encode(List<? extends Tokens> batch, EncodingListener listener) {
    encode(batch, 0, listener);
  }

  /**
   * @param first the index, for the listener, of the first document
   */
  private void encode(List<? extends Tokens> batch, int first, EncodingListener listener) {
    if (broken) {
      cpu().encode(batch, new Part(first, listener, "the GPU has failed"));
      return;
    }
    Part part = new Part(first, listener, null);
    try {
      shared.pass(gpu.deviceBytes(batch), () -> gpu.encode(batch, part));
    } catch (CudaOutOfMemoryException e) {
      withLess(batch.subList(part.shown, batch.size()), first + part.shown, listener, e);
    } catch (CudaException e) {
      if (!automatic) {
        throw e;
      }
      broken = true;
      Devices.warnOnce("device=auto goes on with the CPU: " + e.getMessage());
      encode(batch.subList(part.shown, batch.size()), first + part.shown, listener);
    }
  }

  private void withLess(
      List<? extends Tokens> batch,
      int first,
      EncodingListener listener,
      CudaOutOfMemoryException full) {
    if (batch.size() > 1) {
      int half = batch.size() / 2;
      encode(batch.subList(0, half), first, listener);
      encode(batch.subList(half, batch.size()), first + half, listener);
    } else if (!batch.isEmpty()) {
      Devices.warnOnce(
          "documents too large for the GPU are computed on the CPU, the first one of "
              + batch.get(0).ids().length
              + " tokens: "
              + full.getMessage());
      cpu().encode(batch, new Part(first, listener, "the GPU had no memory for it"));
    }
  }

  private synchronized ModelEmbedder cpu() {
    if (cpu == null) {
      cpu = openCpu.get();
    }
    return cpu;
  }

  /** Part of a batch: counts the documents shown, and says of those on the CPU why. */
  private final class Part implements EncodingListener {
    private final int first;
    private final EncodingListener listener;
    private final String onCpu;
    private int shown;

    Part(int first, EncodingListener listener, String onCpu) {
      this.first = first;
      this.listener = listener;
      this.onCpu = onCpu;
    }

    @Override
    public void document(int index, HiddenStates states) {
      listener.document(first + index, onCpu == null ? states : new OnCpu(states, onCpu));
      shown++;
    }

    @Override
    public void layer(int layer) {
      listener.layer(layer);
    }

    @Override
    public void betweenLayers() {
      listener.betweenLayers();
    }

    @Override
    public void attended(long nanos) {
      listener.attended(nanos);
    }
  }

  /** States that the CPU has computed in the GPU's place. */
  private record OnCpu(HiddenStates states, String why) implements HiddenStates {
    @Override
    public int tokens() {
      return states.tokens();
    }

    @Override
    public int tokensUsed() {
      return states.tokensUsed();
    }

    @Override
    public int columns() {
      return states.columns();
    }

    @Override
    public String pattern() {
      return states.pattern();
    }

    @Override
    public float[] rows(int firstToken, int lastToken) {
      return states.rows(firstToken, lastToken);
    }

    @Override
    public double[] reduce(int firstToken, int lastToken, RowReduction reduction) {
      return states.reduce(firstToken, lastToken, reduction);
    }

    @Override
    public List<String> warnings() {
      List<String> warnings = new ArrayList<>(states.warnings());
      warnings.add("computed on the CPU in float32: " + why);
      return warnings;
    }
  }

  @Override
  public float[] vector(HiddenStates states, int firstToken, int lastToken) {
    return gpu.vector(states, firstToken, lastToken);
  }

  @Override
  public float[] vector(HiddenStates states, int firstToken, int lastToken, VectorOptions output) {
    return gpu.vector(states, firstToken, lastToken, output);
  }

  @Override
  public int dimensions() {
    return gpu.dimensions();
  }

  @Override
  public String model() {
    return gpu.model();
  }

  @Override
  public String pattern(int tokens) {
    return gpu.pattern(tokens);
  }

  @Override
  public String device() {
    return broken ? cpu().device() : gpu.device();
  }

  @Override
  public synchronized void close() {
    gpu.close();
    if (cpu != null) {
      cpu.close();
    }
  }
}
