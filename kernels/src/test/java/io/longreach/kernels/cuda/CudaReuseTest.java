package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.Schedules;
import io.longreach.kernels.plan.TileShape;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one layer leaves to the next: the tables of its attention, and bf16 rows of its norm. */
class CudaReuseTest {
  private static final int ROWS = 70;
  private static final int COLUMNS = 20;

  private LaunchCounter counter;
  private Device device;
  private Matrix hidden;
  private Device.Norm norm;
  private Device.Linear layer;
  private Matrix out;

  @BeforeEach
  void start() {
    counter = new LaunchCounter(CudaHost.memory());
    device = new CudaDevice(counter.driver(), CudaDevice.Precision.BFLOAT16);
    hidden = device.upload(values(COLUMNS, 2), ROWS, COLUMNS);
    norm = device.norm(DeviceComparison.gaussian(COLUMNS, 3), null, 1e-5f);
    layer = device.linear(values(COLUMNS, 4), null, COLUMNS, ROWS);
    out = device.allocate(ROWS, ROWS);
  }

  @AfterEach
  void stop() {
    device.close();
  }

  @Test
  void schedulesThatAreKnownAreNotPlannedAgain() {
    Matrix qkv = device.upload(values(3 * COLUMNS, 1), ROWS, 3 * COLUMNS);
    Matrix context = device.allocate(ROWS, COLUMNS);
    AttentionInput input =
        new AttentionInput(
            new View(qkv, 0), new View(qkv, COLUMNS), new View(qkv, 2 * COLUMNS), 1, COLUMNS, 1);
    AttentionSchedule window = schedule("window(9)");
    AttentionSchedule random = schedule("global(0) + random(2)");
    float[] first = attention(input, window, context);
    attention(input, random, context);
    counter.writes();
    assertArrayEquals(first, attention(input, window, context));
    attention(input, random, context);
    assertEquals(0, counter.writes(), "tables of the two last schedules");
    attention(input, schedule("window(9)"), context);
    assertTrue(counter.writes() > 0, "another schedule");
    device.trim();
    assertArrayEquals(first, attention(input, window, context));
    assertTrue(counter.writes() > 0, "after a trim");
    device.attention(input, List.of(new Device.Placed(0, random)), context);
    counter.writes();
    Matrix longer = device.allocate(ROWS + 1, COLUMNS);
    Matrix more = device.upload(new float[(ROWS + 1) * 3 * COLUMNS], ROWS + 1, 3 * COLUMNS);
    counter.writes();
    device.attention(
        new AttentionInput(
            new View(more, 0), new View(more, COLUMNS), new View(more, 2 * COLUMNS), 1, COLUMNS, 1),
        List.of(new Device.Placed(1, random)),
        longer);
    assertEquals(0, counter.writes(), "ranks are counted from the batch's first row");
  }

  private static AttentionSchedule schedule(String pattern) {
    return Schedules.of(AttentionPattern.parse(pattern), ROWS, new TileShape(64, 64));
  }

  private float[] attention(AttentionInput input, AttentionSchedule schedule, Matrix context) {
    device.attention(input, 0, schedule, context, null);
    return device.download(context, 0, ROWS);
  }

  @Test
  void whatANormWroteIsNotConvertedAgain() {
    float[] expected = converted();
    counter.launches();
    device.addNorm(hidden, null, norm, hidden);
    device.linear(hidden, layer, Activation.NONE, out);
    device.linear(hidden, layer, Activation.NONE, out);
    assertEquals(List.of("addNormNarrow", "linearTensor64", "linearTensor64"), counter.launches());
    assertArrayEquals(expected, device.download(out, 0, ROWS));
  }

  /** The same by rows that went through the host in between. */
  private float[] converted() {
    Matrix normed = device.allocate(ROWS, COLUMNS);
    device.addNorm(hidden, null, norm, normed);
    Matrix again = device.upload(device.download(normed, 0, ROWS), ROWS, COLUMNS);
    device.linear(again, layer, Activation.NONE, out);
    return device.download(out, 0, ROWS);
  }

  @Test
  void whatWasWrittenSinceTheNormIsReadAnew() {
    device.addNorm(hidden, null, norm, hidden);
    device.linear(hidden, layer, Activation.NONE, out);
    device.add(hidden, hidden);
    device.linear(hidden, layer, Activation.NONE, out);
    float[] found = device.download(out, 0, ROWS);
    Matrix again = device.upload(device.download(hidden, 0, ROWS), ROWS, COLUMNS);
    device.linear(again, layer, Activation.NONE, out);
    assertArrayEquals(device.download(out, 0, ROWS), found);
  }

  private static float[] values(int columns, int seed) {
    return DeviceComparison.gaussian(ROWS * columns, seed);
  }
}
