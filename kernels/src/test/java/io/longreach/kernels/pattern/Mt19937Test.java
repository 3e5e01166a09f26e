package io.longreach.kernels.pattern;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class Mt19937Test {

  /**
   * {@code np.random.seed(1231); [np.random.permutation(9) for _ in range(2)]}, then seed
   * 4294967295 and the first six of permutation(1000).
   */
  @Test
  void permutesAsNumPyDoes() {
    Mt19937 generator = new Mt19937(1231);
    int[] values = IntStream.range(0, 9).toArray();
    assertArrayEquals(new int[] {0, 2, 1, 3, 6, 4, 7, 5, 8}, generator.permutation(values));
    assertArrayEquals(new int[] {0, 4, 2, 8, 7, 5, 6, 3, 1}, generator.permutation(values));
    generator = new Mt19937(4294967295L);
    int[] many = IntStream.range(0, 1000).toArray();
    assertArrayEquals(
        new int[] {94, 405, 819, 632, 217, 169}, Arrays.copyOf(generator.permutation(many), 6));
  }
}
