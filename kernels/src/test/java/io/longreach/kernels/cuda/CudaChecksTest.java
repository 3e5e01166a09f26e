package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The point of the stand-in on the host: what a kernel or its caller does wrong is caught. */
class CudaChecksTest {

  @Test
  void anIndexOutOfRangeIsFound() {
    HostDriver own = CudaHost.memory();
    try {
      Memory tooSmall = new Memory.Pool(own).of(new float[100]);
      Parameters parameters =
          new Parameters()
              .values(new CudaMatrix(tooSmall, 1, 100, CudaMatrix.Element.FLOAT32), 0)
              .values(null, 0)
              .number(101)
              .real(1);
      String message =
          assertThrows(CudaException.class, () -> parameters.launch(own, "fillElements", 1, 1, 256))
              .getMessage();
      assertTrue(message.contains("heap-buffer-overflow"), message);
    } finally {
      own.close();
    }
  }

  @Test
  void parametersThatDoNotFitTheKernelAreRefused() {
    HostDriver own = CudaHost.memory();
    try {
      String message =
          assertThrows(
                  CudaException.class,
                  () -> own.launch("rotate", 1, 1, 32, 0, ByteBuffer.allocate(8)))
              .getMessage();
      assertTrue(message.contains("parameters must have 48 bytes, had 8"), message);
    } finally {
      own.close();
    }
  }
}
