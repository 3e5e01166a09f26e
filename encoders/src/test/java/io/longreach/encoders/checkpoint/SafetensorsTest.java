package io.longreach.encoders.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  private static final String FILE = "model.safetensors";
  private static final float[] VALUES = {0, 1, -2, 0.5f, 1024, -0.125f};

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"F32", "F16", "BF16"})
  void valuesOfEveryFloatType(String type) throws IOException {
    Safetensors tensors =
        open(
            new SafetensorsBytes()
                .add("first", type, new int[] {2, 3}, VALUES)
                .add("nothing", type, new int[] {0, 3}, new float[0])
                .add("last", type, new int[] {}, new float[] {7})
                .bytes());
    assertArrayEquals(new int[] {2, 3}, tensors.shape("first"));
    assertArrayEquals(VALUES, tensors.read("first"));
    assertArrayEquals(new float[0], tensors.read("nothing"));
    assertArrayEquals(new double[] {7}, tensors.readDoubles("last"));
    assertEquals(List.of("first", "nothing", "last"), List.copyOf(tensors.names()));
    assertFalse(tensors.has("other"));
  }

  @Test
  void halvesOfEveryKind() throws IOException {
    short[] halves = {0x0001, 0x03FF, 0x0400, 0x7BFF, (short) 0x8001, 0x7C00, (short) 0xFC00};
    float[] expected = {
      0x1p-24f,
      0x1.FF8p-15f,
      0x1p-14f,
      65504,
      -0x1p-24f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY
    };
    ByteBuffer stored = ByteBuffer.allocate(2 * halves.length).order(ByteOrder.LITTLE_ENDIAN);
    for (short half : halves) {
      stored.putShort(half);
    }
    byte[] file =
        new SafetensorsBytes().add("h", "F16", new int[] {halves.length}, stored.array()).bytes();
    assertArrayEquals(expected, open(file).read("h"));
    assertTrue(Float.isNaN(ElementType.half((short) 0x7E00)), "a NaN stays one");
  }

  @Test
  void wholeNumbers() throws IOException {
    byte[] longs =
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(-3).putLong(5).array();
    Safetensors tensors =
        open(
            new SafetensorsBytes()
                .add("i64", "I64", new int[] {2}, longs)
                .add("bool", "BOOL", new int[] {3}, new byte[] {1, 0, 1})
                .add("i8", "I8", new int[] {1}, new byte[] {-1})
                .bytes());
    assertArrayEquals(new double[] {-3, 5}, tensors.readDoubles("i64"));
    assertArrayEquals(new float[] {1, 0, 1}, tensors.read("bool"));
    assertArrayEquals(new float[] {-1}, tensors.read("i8"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                       | 0  | must have a header that begins with {",
        "{'a                                      | 0  | must be valid JSON",
        "{} {}                                    | 0  | must be valid JSON",
        "{}                                       | 1  | must end with its last tensor at byte 10",
        "{'a':1}                                  | 0  | tensor a must be of F32",
        "{'a':{'dtype':'F8','shape':[],'data_offsets':[0,1]}} | 1 | must be of F32, F16, BF16",
        "{'a':{'dtype':'F32','shape':3,'data_offsets':[0,4]}} | 4 | must have a shape of at most",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}} | 4 | must have lengths of 0 to",
        "{'a':{'dtype':'F32','shape':[4294967297],'data_offsets':[0,4]}} | 4 | must have lengths of",
        "{'a':{'dtype':'F32','shape':[2147483647,2147483647,2147483647],'data_offsets':[0,4]}} | 4 | must fit into 4 bytes",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0]}} | 4 | must fit into 4 bytes",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,'4']}} | 4 | must fit into 4 bytes",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,9223372036854775808]}} | 4 | must fit",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}} | 4 | must lie within 4 bytes",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | 4 | must lie within 4 bytes",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | 4 | must have 8 bytes by its shape, has 4",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | 8 | leaves a hole",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 8 | must end with its last tensor",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[1],'data_offsets':[2,6]}} | 6 | overlaps it",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | 8 | Duplicate field 'a'"
      })
  void aLyingHeader(String header, int dataBytes, String message) throws IOException {
    byte[] file = SafetensorsBytes.file(header.replace('\'', '"'), new byte[dataBytes]);
    assertWrong(message, file);
  }

  @Test
  void lengthsOfTheHeader() throws IOException {
    assertWrong("must begin with the 8 bytes", new byte[7]);
    for (long length : new long[] {-1, 0, 1, 3, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE}) {
      byte[] file = SafetensorsBytes.file("{}", new byte[0]);
      ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      assertWrong("must have a header of 2 to 2 bytes, says " + length, file);
    }
  }

  @Test
  void aCutFile() throws IOException {
    byte[] whole = new SafetensorsBytes().add("a", "F32", new int[] {6}, VALUES).bytes();
    for (int bytes = 0; bytes < whole.length; bytes++) {
      byte[] cut = java.util.Arrays.copyOf(whole, bytes);
      Files.write(directory.resolve(FILE), cut);
      assertThrows(CheckpointException.class, this::open, bytes + " of " + whole.length + " bytes");
    }
  }

  @Test
  void whatIsNotThere() throws IOException {
    CheckpointException missing = assertThrows(CheckpointException.class, this::open);
    assertTrue(missing.getMessage().contains("must have model.safetensors"), missing.getMessage());
    Safetensors tensors =
        open(new SafetensorsBytes().add("a", "F32", new int[] {6}, VALUES).bytes());
    CheckpointException tensor =
        assertThrows(CheckpointException.class, () -> tensors.read("b\nc"));
    assertEquals(
        "model.safetensors: tensor b c must be there, found 1 others: take the weights and"
            + " config.json from the same checkpoint",
        tensor.getMessage());
  }

  private void assertWrong(String message, byte[] file) throws IOException {
    Files.write(directory.resolve(FILE), file);
    CheckpointException wrong = assertThrows(CheckpointException.class, this::open);
    assertTrue(wrong.getMessage().startsWith(FILE), wrong.getMessage());
    assertTrue(wrong.getMessage().contains(message), wrong.getMessage());
    assertEquals(1, wrong.getMessage().lines().count(), "one line");
  }

  private Safetensors open(byte[] file) throws IOException {
    Files.write(directory.resolve(FILE), file);
    return open();
  }

  private Safetensors open() {
    return Safetensors.open(LocalFolder.of(directory), FILE);
  }
}
