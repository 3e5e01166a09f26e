package io.longreach.encoders.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Family;
import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.kernels.cuda.CudaDevice;
import io.longreach.kernels.cuda.CudaDriver;
import io.longreach.kernels.cuda.HostDriver;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch costs a GPU as many launches as one document, and gives each the same bits. */
class EncoderBatchTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  /** Words that all of the vocabularies have. */
  private static final int SOME_WORDS = 30;

  private static CudaDriver driver;
  private static int launches;
  private static int reads;

  @BeforeAll
  static void start() {
    Assumptions.assumeTrue(HostDriver.available(), "no g++: the CUDA sources cannot be run here");
    HostDriver host = HostDriver.start(false);
    driver =
        (CudaDriver)
            Proxy.newProxyInstance(
                CudaDriver.class.getClassLoader(),
                new Class<?>[] {CudaDriver.class},
                (proxy, method, arguments) -> {
                  launches += method.getName().equals("launch") ? 1 : 0;
                  reads += method.getName().equals("read") ? 1 : 0;
                  try {
                    return method.invoke(host, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  @AfterAll
  static void stop() {
    if (driver != null) {
      driver.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bert/types-and-padding",
        "bigbird/short-falls-back",
        "longformer/mixed-global-count",
        "modernbert/alternating",
        "performer/encoder",
        "performer/encoder-causal",
        "reformer/lsh-four-rounds",
        "reformer/mixed-padded"
      })
  void documentsShareTheLaunchesOfAllLayers(String folder) throws Exception {
    for (CudaDevice.Precision precision : CudaDevice.Precision.values()) {
      GoldenCase golden = GoldenCase.read(GOLDEN.resolve(folder));
      CaseWeights weights =
          new CaseWeights(CaseTensors.read(golden.folder().resolve("model.safetensors")));
      CudaDevice device = new CudaDevice(driver, precision);
      EncoderModel model =
          Family.open(golden.config(), weights, device, new RecordedChoices(golden).reading());
      List<Document> documents = IntStream.range(0, 6).mapToObj(d -> document(model, d)).toList();
      float[] alone = states(model, documents.subList(0, 1));
      int own = launches;
      float[] batch = states(model, documents);
      assertEquals(own, launches, folder + " in " + precision + ": launches");
      assertArrayEquals(
          alone, Arrays.copyOf(batch, alone.length), folder + " in " + precision + ": bits");
    }
  }

  /** As long as all of the models read, and longer than their chunks. */
  private static Document document(EncoderModel model, int number) {
    int tokens = 60 + number % 3;
    int[] ids = new SplittableRandom(number).ints(tokens, 0, SOME_WORDS).toArray();
    return model.document(ids);
  }

  /** Counts launches; nothing is copied to the host before the end. */
  private static float[] states(EncoderModel model, List<Document> documents) {
    launches = 0;
    reads = 0;
    Matrix states = model.encoder().encode(new PackedDocuments(documents));
    assertEquals(0, reads, "copies to the host");
    int encoding = launches;
    Device device = model.encoder().device();
    float[] rows = device.download(states, 0, states.rows());
    launches = encoding;
    return rows;
  }
}
