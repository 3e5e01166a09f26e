package io.longreach.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * The kernel tests at every vector width: the width is fixed when the JVM starts. Widths that the
 * machine lacks run in the JDK's emulation: slowly, but with the same semantics.
 */
class VectorWidthTest {
  private static final List<Class<?>> TESTS =
      List.of(
          AttentionTest.class,
          LinearTest.class,
          LinearAttentionTest.class,
          ActivationTest.class,
          RowsTest.class,
          FeedForwardTest.class,
          RotationTest.class);

  /** The width of this JVM needs no other one. */
  static IntStream otherWidths() {
    return IntStream.of(128, 256, 512).filter(bits -> bits != VectorMath.BITS);
  }

  @ParameterizedTest
  @MethodSource("otherWidths")
  void everyKernelTestPasses(int bits) throws Exception {
    OtherJvm jvm =
        OtherJvm.run(
            VectorWidthTest.class,
            List.of("--add-modules=jdk.incubator.vector", "-Dlongreach.vectorBits=" + bits));
    assertEquals(0, jvm.status(), jvm.out() + jvm.err());
    assertTrue(jvm.out().contains("cpu (Vector API, " + bits + " bit): 0 of "), jvm.out());
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 1024})
  void aWidthThatIsNoneIsNamed(int bits) throws Exception {
    OtherJvm jvm =
        OtherJvm.run(
            VectorWidthTest.class,
            List.of("--add-modules=jdk.incubator.vector", "-Dlongreach.vectorBits=" + bits));
    assertEquals(1, jvm.status(), jvm.out());
    assertTrue(
        jvm.err().contains("longreach.vectorBits must be 128, 256 or 512, was " + bits), jvm.err());
  }

  /** Runs the tests in this JVM; the status is 1 if one fails or none runs. */
  public static void main(String[] arguments) {
    String device = CpuDevice.create(1).name();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(TESTS.stream().map(DiscoverySelectors::selectClass).toList())
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true));
    System.out.println(
        device
            + ": "
            + summary.getTotalFailureCount()
            + " of "
            + summary.getTestsStartedCount()
            + " tests failed");
    boolean passed = summary.getTotalFailureCount() == 0 && summary.getTestsSucceededCount() > 50;
    System.exit(passed ? 0 : 1);
  }
}
