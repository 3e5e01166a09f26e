package io.longreach.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A JVM that was started without the Vector API. */
class MissingModuleTest {
  @Test
  void runsOnTheScalarTwinAndSaysSoOnce() throws Exception {
    OtherJvm jvm = OtherJvm.run(MissingModuleTest.class, List.of());
    assertEquals(0, jvm.status(), jvm.err());
    assertEquals(List.of("cpu (scalar)", "cpu (scalar)", "11.0"), jvm.out().lines().toList());
    List<String> said = jvm.err().lines().toList();
    assertEquals(1, said.size(), jvm.err());
    assertTrue(said.get(0).contains("the module jdk.incubator.vector is absent"), jvm.err());
    assertTrue(said.get(0).contains("start Java with --add-modules jdk.incubator.vector"));
  }

  @Test
  void withTheModuleItSaysNothing() throws Exception {
    OtherJvm jvm =
        OtherJvm.run(MissingModuleTest.class, List.of("--add-modules=jdk.incubator.vector"));
    assertEquals(0, jvm.status(), jvm.err());
    assertTrue(jvm.out().startsWith("cpu (Vector API, "), jvm.out());
    assertEquals(
        List.of(),
        jvm.err().lines().filter(line -> !line.contains("Using incubator modules")).toList());
  }

  /** Opens two devices and computes 1 · 3 + 2 · 4 on the second. */
  public static void main(String[] arguments) {
    System.out.println(CpuDevice.create(1).name());
    try (Device device = CpuDevice.create(2)) {
      System.out.println(device.name());
      Matrix out = device.allocate(1, 1);
      device.linear(
          device.upload(new float[] {1, 2}, 1, 2),
          device.linear(new float[] {3, 4}, null, 2, 1),
          Activation.GELU,
          out);
      System.out.println(device.download(out, 0, 1)[0]);
    }
  }
}
