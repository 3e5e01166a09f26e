package io.longreach.encoders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.cuda.CudaException;
import io.longreach.kernels.cuda.CudaOutOfMemoryException;
import io.longreach.kernels.cuda.SharedGpu;
import io.longreach.kernels.device.Device;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A GPU that is shared and full, played by the CPU with as little memory as a test likes: whatever
 * happens, every document gets its vector.
 */
class GpuEmbedderTest {
  private static final int[] LENGTHS = {40, 7, 300, 12, 90};

  private static Embedder cpu;
  private static List<Embedder.Tokens> batch;
  private static List<Embedding> expected;

  @BeforeAll
  static void open() {
    cpu = Embedder.open(EmbedderOptions.defaults().withDevice("cpu"));
    batch = new ArrayList<>();
    for (int length : LENGTHS) {
      int[] ids = new int[length];
      Arrays.fill(ids, 2000 + length);
      batch.add(() -> ids);
    }
    expected = cpu.embed(batch);
  }

  @AfterAll
  static void close() {
    cpu.close();
  }

  /** The CPU that allocates matrices of at most so many rows, and counts. */
  private static final class Rigged {
    private int mostRows = Integer.MAX_VALUE;
    private long freeBytes = Long.MAX_VALUE;
    private RuntimeException failure;
    private Device inFloat32;
    private int scopes;
    private int closed;
    private int refusals;
    private int reductions;
    private final AtomicInteger linears = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private int mostRunning;

    SharedGpu share() {
      Device device = CpuDevice.create(1);
      return SharedGpu.of(
          (Device)
              Proxy.newProxyInstance(
                  Device.class.getClassLoader(),
                  new Class<?>[] {Device.class},
                  (proxy, method, arguments) -> {
                    switch (method.getName()) {
                      case "name" -> {
                        return "rigged";
                      }
                      case "inFloat32" -> {
                        return inFloat32 == null ? proxy : inFloat32;
                      }
                      case "freeBytes" -> {
                        return freeBytes;
                      }
                      case "allocate" -> allocate((int) arguments[0]);
                      case "linear" -> linears.addAndGet(arguments[0] instanceof float[] ? 1 : 0);
                      case "scope" -> {
                        scopes++;
                        mostRunning = Math.max(mostRunning, running.incrementAndGet());
                        return (Device.Scope)
                            () -> {
                              scopes--;
                              running.decrementAndGet();
                            };
                      }
                      case "reduce" -> reductions++;
                      case "close" -> closed++;
                      default -> {}
                    }
                    try {
                      return method.invoke(device, arguments);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  }));
    }

    private void allocate(int rows) {
      if (failure != null) {
        throw failure;
      }
      if (rows > mostRows) {
        refusals++;
        throw new CudaOutOfMemoryException("no memory for " + rows + " rows");
      }
    }
  }

  private static Embedder open(SharedGpu shared, boolean automatic) {
    return ModelEmbedder.open(EmbedderOptions.defaults(), shared, automatic);
  }

  private static void assertSame(List<Embedding> found) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      assertArrayEquals(expected.get(i).vector(), found.get(i).vector(), "document " + i);
    }
  }

  private static List<Integer> onCpu(List<Embedding> embeddings) {
    List<Integer> documents = new ArrayList<>();
    for (int i = 0; i < embeddings.size(); i++) {
      if (embeddings.get(i).warnings().toString().contains("computed on the CPU in float32")) {
        documents.add(i);
      }
    }
    return documents;
  }

  @Test
  void aBatchThatDoesNotFitIsHalvedAndALargeDocumentGoesToTheCpu() {
    Rigged rigged = new Rigged();
    try (Embedder embedder = open(rigged.share(), false)) {
      rigged.mostRows = 110;
      List<Embedding> found = embedder.embed(batch);
      assertSame(found);
      assertEquals(List.of(2), onCpu(found));
      assertTrue(rigged.refusals >= 3, "halved: " + rigged.refusals);
      rigged.mostRows = Integer.MAX_VALUE;
      assertEquals(List.of(), onCpu(embedder.embed(batch)), "the GPU is asked again");
      assertEquals(0, rigged.scopes, "every pass is tidied up");
    }
    assertEquals(1, rigged.closed);
  }

  @Test
  void aBatchIsPooledAtOnce() {
    Rigged rigged = new Rigged();
    try (Embedder embedder = open(rigged.share(), false)) {
      assertSame(embedder.embed(batch));
      assertEquals(1, rigged.reductions);
    }
  }

  @Test
  void whatIsForeseenNotToFitIsNotTried() {
    Rigged rigged = new Rigged();
    try (Embedder embedder = open(rigged.share(), false)) {
      rigged.freeBytes = 2L * 24 * 384 * 100;
      rigged.failure = null;
      List<Embedding> found = embedder.embed(batch);
      assertSame(found);
      assertEquals(List.of(2), onCpu(found));
      assertEquals(0, rigged.refusals, "nothing was refused on its way");
    }
  }

  @Test
  void aGpuThatFailsIsLeftOnlyWhereThatIsAllowed() {
    Rigged rigged = new Rigged();
    SharedGpu shared = rigged.share();
    try (Embedder embedder = open(shared, true)) {
      rigged.failure = new CudaException("broken");
      List<Embedding> found = embedder.embed(batch);
      assertSame(found);
      assertEquals(List.of(0, 1, 2, 3, 4), onCpu(found));
      assertTrue(embedder.device().startsWith("cpu"), embedder.device());
    }
    Rigged other = new Rigged();
    try (Embedder embedder = open(other.share(), false)) {
      other.failure = new CudaException("broken");
      assertThrows(CudaException.class, () -> embedder.embed(batch));
      other.failure = null;
      assertSame(embedder.embed(batch));
    }
  }

  @Test
  void embeddersOfOneModelShareItsWeightsAndTakeTurns() throws Exception {
    Rigged rigged = new Rigged();
    SharedGpu shared = rigged.share();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Embedder first = open(shared, false)) {
      int once = rigged.linears.get();
      assertTrue(once > 0);
      EmbedderOptions options = new EmbedderOptions("minilm", "window(64)", "tile", 0, "cuda", 1);
      ModelEmbedder.open(options, shared, false);
      assertEquals(once, rigged.linears.get(), "the second model brings no weights");
      List<Future<List<Embedding>>> results = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        results.add(threads.submit(() -> first.embed(batch)));
      }
      for (Future<List<Embedding>> result : results) {
        assertSame(result.get());
      }
      assertEquals(1, rigged.mostRunning, "one pass at a time");
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void modelsThatHashAreComputedInFloat32AndSaySo() {
    Rigged rigged = new Rigged();
    rigged.inFloat32 = CpuDevice.create(1);
    SharedGpu shared = rigged.share();
    String lsh = "0-4: window(64); 5: lsh(buckets=4, rounds=2, chunk=16)";
    EmbedderOptions options = new EmbedderOptions("minilm", lsh, "tile", 0, "cuda", 1);
    try (Embedder embedder = ModelEmbedder.open(options, shared, false)) {
      assertEquals(0, rigged.linears.get(), "layers of the device that rounds");
      assertEquals(rigged.inFloat32.name(), embedder.device());
      List<String> warnings = embedder.embed(batch).get(0).warnings();
      assertTrue(warnings.toString().contains("computed in float32: lsh hashes"), "" + warnings);
    }
    assertEquals(1, rigged.closed);
    Rigged other = new Rigged();
    other.inFloat32 = CpuDevice.create(1);
    try (Embedder embedder = open(other.share(), false)) {
      assertEquals("rigged", embedder.device());
      assertEquals(List.of(), embedder.embed(batch).get(0).warnings());
    }
  }

  @Test
  void aTaskThatIsKilledWhileItWaitsStops() throws Exception {
    Rigged rigged = new Rigged();
    SharedGpu shared = rigged.share();
    try (Embedder embedder = open(shared, false)) {
      Thread.currentThread().interrupt();
      assertThrows(java.io.UncheckedIOException.class, () -> embedder.embed(batch));
      assertTrue(Thread.interrupted(), "still interrupted");
      assertSame(embedder.embed(batch));
    }
  }
}
