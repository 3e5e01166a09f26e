package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshRotations;
import io.longreach.kernels.plan.Schedules;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The host's race check: silent about the kernels, loud about kernels broken on purpose. */
class CudaRacesTest {
  private static final int THREADS = 64;

  @Test
  void aCorrectKernelIsLetThrough() {
    float[] found = new float[2 * THREADS];
    try (HostDriver driver = CudaHost.races();
        Memory out = launch(driver, "correctNeighbour")) {
      out.read(0, found);
    }
    assertEquals(1, found[0]);
  }

  @ParameterizedTest
  @CsvSource({
    "readsWithoutBarrier, writes shared memory that thread 0 read since the last barrier",
    "overwritesTooSoon, reads shared memory that thread 0 wrote since the last barrier",
    "writesWhatOtherBlocksWrite, writes global memory that another block wrote in the same launch",
    "leavesBeforeTheBarrier, left the kernel"
  })
  void aBrokenKernelIsCaught(String kernel, String said) {
    try (HostDriver driver = CudaHost.races()) {
      String message = assertThrows(CudaException.class, () -> launch(driver, kernel)).getMessage();
      assertTrue(message.contains(said), message);
      assertTrue(message.contains(kernel.startsWith("leaves") ? "" : "races.cu:"), message);
    }
  }

  @ParameterizedTest
  @EnumSource(CudaDevice.Precision.class)
  void theKernelsHaveNone(CudaDevice.Precision precision) {
    try (CudaDevice device = new CudaDevice(CudaHost.races(), precision)) {
      int columns = 2 * 24;
      Matrix in = device.upload(rows(150 * columns), 150, columns);
      Device.Linear qkv = device.linear(rows(3 * columns * columns), null, columns, 3 * columns);
      Device.Linear wide = device.linear(rows(columns * 130), rows(130), columns, 130);
      Device.Linear down = device.linear(rows(columns * 130), null, 130, columns);
      Matrix projected = device.allocateOperand(150, 3 * columns);
      device.linear(in, qkv, Activation.NONE, projected);
      device.rotate(new View(projected, 0), 4, device.rotation(1e4, 24), 0, 150);
      Matrix context = device.allocateOperand(150, columns);
      for (String pattern : List.of("window(40)", "window(5) + random(3)", "dilated(5, rate=3)")) {
        AttentionSchedule schedule =
            Schedules.of(AttentionPattern.parse(pattern), 0, 2, 150, device.tiles(), null);
        device.attention(input(projected, columns), 0, schedule, context, new float[300]);
      }
      for (Direction direction : Direction.values()) {
        Performer performer = new Performer(70, Performer.Kernel.SOFTMAX, direction, 1);
        FeatureMap map = FeatureMap.draw(performer, 0, 24);
        device.linearAttention(input(projected, columns), 0, 150, map, context);
      }
      Lsh lsh = ((Lsh) AttentionPattern.parse("lsh(buckets=8, rounds=2, chunk=40)")).hashedApart();
      LshRotations rotations = LshRotations.draw(lsh, 0, 2, 24, 150);
      LshDocument document = new LshDocument(lsh, rotations, 150, null);
      device.lshKeys(lsh.variant(), in, 24);
      device.lshAttention(input(projected, columns), 0, document, context);
      Device.Norm norm = device.norm(rows(columns), null, 1e-5f);
      device.addNorm(context, in, norm, in);
      device.feedForward(in, new Device.FeedForward(wide, wide, Activation.GELU, down), in);
      float[] found = device.download(in, 0, 150);
      assertTrue(Double.isFinite(found[found.length - 1]), "result");
    }
  }

  private static AttentionInput input(Matrix qkv, int columns) {
    return new AttentionInput(
        new View(qkv, 0), new View(qkv, columns), new View(qkv, 2 * columns), 2, 24, 0.2f);
  }

  private static float[] rows(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) Math.sin(i);
    }
    return values;
  }

  private static Memory launch(CudaDriver driver, String kernel) {
    Memory out = new Memory.Pool(driver).of(new float[2 * THREADS]);
    new Parameters().pointer(out).launch(driver, kernel, 2, 1, THREADS);
    return out;
  }
}
