package io.longreach.encoders.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.encoders.family.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of one safetensors file.
 *
 * <p><b>Semantics.</b> The header is checked when the file is opened, as the format asks: a length
 * within the file, one JSON object without duplicate names, shapes that fit their ranges, ranges
 * that fill the file without holes and without overlapping. Values are converted when they are
 * read, a mapped part at a time.
 *
 * <p><b>Throws.</b> {@link CheckpointException} and nothing else.
 *
 * <p><b>Source.</b> The safetensors format, https://github.com/huggingface/safetensors.
 */
public final class Safetensors implements TensorSource {
  /** The format's own limit. */
  private static final int LONGEST_HEADER = 100_000_000;

  private static final int LENGTH_BYTES = 8;
  private static final int MAX_AXES = 16;
  private static final int MAX_ELEMENTS = Integer.MAX_VALUE - 8;
  private static final int PART_BYTES = 1 << 26;
  private static final String REMEDY = ": download the file again";

  private record Entry(String name, ElementType type, int[] shape, long elements, long offset) {
    long end() {
      return offset + elements * type.bytes();
    }
  }

  private final CheckpointFolder folder;
  private final String file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private Safetensors(CheckpointFolder folder, String file) {
    this.folder = folder;
    this.file = file;
  }

  /**
   * Reads and checks the header.
   *
   * @throws CheckpointException if the file is missing or is not what it says
   */
  public static Safetensors open(CheckpointFolder folder, String file) {
    Safetensors tensors = new Safetensors(folder, file);
    try {
      tensors.header(folder.bytes(file).orElseThrow(() -> CheckpointJson.missing(folder, file)));
    } catch (IOException e) {
      throw CheckpointJson.unreadable(file, e);
    }
    return tensors;
  }

  private void header(long fileBytes) throws IOException {
    if (fileBytes < LENGTH_BYTES) {
      throw wrong("must begin with the 8 bytes of its header's length, had " + fileBytes);
    }
    long bytes = folder.slice(file, 0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (bytes < 2 || bytes > LONGEST_HEADER || bytes > fileBytes - LENGTH_BYTES) {
      throw wrong(
          String.format(
              "must have a header of 2 to %d bytes, says %d",
              Math.min(LONGEST_HEADER, Math.max(2, fileBytes - LENGTH_BYTES)), bytes));
    }
    String text = CheckpointJson.utf8(file, folder.slice(file, LENGTH_BYTES, (int) bytes));
    if (!text.startsWith("{")) {
      throw wrong("must have a header that begins with {");
    }
    long dataBytes = fileBytes - LENGTH_BYTES - bytes;
    for (Map.Entry<String, JsonNode> field : CheckpointJson.object(file, text).properties()) {
      if (!field.getKey().equals("__metadata__")) {
        Entry entry = entry(field.getKey(), field.getValue(), dataBytes, LENGTH_BYTES + bytes);
        entries.put(entry.name(), entry);
      }
    }
    checkFilled(LENGTH_BYTES + bytes, fileBytes);
  }

  private Entry entry(String name, JsonNode node, long dataBytes, long firstByte) {
    ElementType type = ElementType.of(node.path("dtype").asText());
    if (type == null) {
      throw wrong(
          name,
          "must be of F32, F16, BF16, F64 or a whole-number type, was "
              + CheckpointJson.found(node.get("dtype")),
          ": convert the checkpoint");
    }
    int[] shape = shape(name, node.path("shape"));
    long elements = elements(shape, dataBytes);
    JsonNode offsets = node.path("data_offsets");
    if (elements < 0
        || offsets.size() != 2
        || !offsets.path(0).canConvertToExactIntegral()
        || !offsets.path(0).canConvertToLong()
        || !offsets.path(1).canConvertToExactIntegral()
        || !offsets.path(1).canConvertToLong()) {
      throw wrong(name, "must fit into " + dataBytes + " bytes, was " + described(node), REMEDY);
    }
    long first = offsets.path(0).longValue();
    long last = offsets.path(1).longValue();
    if (first < 0 || last < first || last > dataBytes) {
      throw wrong(name, "must lie within " + dataBytes + " bytes, was " + described(node), REMEDY);
    }
    if (last - first != elements * type.bytes()) {
      throw wrong(
          name,
          String.format(
              "must have %d bytes by its shape, has %d, was %s",
              elements * type.bytes(), last - first, described(node)),
          REMEDY);
    }
    return new Entry(name, type, shape, elements, firstByte + first);
  }

  private static String described(JsonNode node) {
    return CheckpointJson.found(node);
  }

  private int[] shape(String name, JsonNode node) {
    if (!node.isArray() || node.size() > MAX_AXES) {
      throw wrong(
          name,
          "must have a shape of at most " + MAX_AXES + " axes, was " + CheckpointJson.found(node),
          REMEDY);
    }
    int[] shape = new int[node.size()];
    for (int axis = 0; axis < shape.length; axis++) {
      JsonNode length = node.get(axis);
      if (!length.isInt() || length.intValue() < 0) {
        throw wrong(
            name,
            "must have lengths of 0 to 2147483647, was " + CheckpointJson.found(node),
            REMEDY);
      }
      shape[axis] = length.intValue();
    }
    return shape;
  }

  /** Product of a shape, -1 if that is more than so many bytes could hold. */
  private static long elements(int[] shape, long limitBytes) {
    for (int length : shape) {
      if (length == 0) {
        return 0;
      }
    }
    long elements = 1;
    for (int length : shape) {
      if (length > limitBytes / elements) {
        return -1;
      }
      elements *= length;
    }
    return elements <= limitBytes ? elements : -1;
  }

  private void checkFilled(long firstByte, long lastByte) {
    List<Entry> inOrder = new ArrayList<>(entries.values());
    inOrder.sort(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::end));
    long at = firstByte;
    String before = "the header";
    for (Entry entry : inOrder) {
      if (entry.offset() != at) {
        throw wrong(
            entry.name(),
            String.format(
                "must begin where %s ends, at byte %d, %s at byte %d",
                before,
                at,
                entry.offset() < at ? "overlaps it" : "leaves a hole and begins",
                entry.offset()),
            REMEDY);
      }
      at = entry.end();
      before = "tensor " + entry.name();
    }
    if (at != lastByte) {
      throw wrong(
          String.format("must end with its last tensor at byte %d, has %d bytes", at, lastByte));
    }
  }

  /** Names of all tensors, as they stand in the file. */
  public Set<String> names() {
    return entries.keySet();
  }

  @Override
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  @Override
  public int[] shape(String name) {
    return entry(name).shape().clone();
  }

  @Override
  public String place(String name) {
    return file + ": tensor " + name;
  }

  @Override
  public float[] read(String name) {
    Entry entry = entry(name);
    float[] values = new float[size(entry)];
    forEachPart(entry, (part, first) -> entry.type().floats(part, values, first));
    return values;
  }

  /** The values as doubles, row-major. */
  public double[] readDoubles(String name) {
    Entry entry = entry(name);
    double[] values = new double[size(entry)];
    forEachPart(entry, (part, first) -> entry.type().doubles(part, values, first));
    return values;
  }

  private interface Part {
    void read(ByteBuffer part, int firstElement);
  }

  private void forEachPart(Entry entry, Part part) {
    int each = PART_BYTES / entry.type().bytes();
    try {
      for (long first = 0; first < entry.elements(); first += each) {
        int count = (int) Math.min(each, entry.elements() - first);
        long offset = entry.offset() + first * entry.type().bytes();
        part.read(folder.slice(file, offset, count * entry.type().bytes()), (int) first);
      }
    } catch (IOException e) {
      throw CheckpointJson.unreadable(file, e);
    }
  }

  private int size(Entry entry) {
    if (entry.elements() > MAX_ELEMENTS) {
      throw wrong(
          entry.name(),
          "must have at most " + MAX_ELEMENTS + " elements, has " + entry.elements(),
          ": choose a smaller model");
    }
    return (int) entry.elements();
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw wrong(
          name,
          "must be there, found " + entries.size() + " others",
          ": take the weights and config.json from the same checkpoint");
    }
    return entry;
  }

  private CheckpointException wrong(String rule) {
    return new CheckpointException(file + " " + rule + REMEDY);
  }

  private CheckpointException wrong(String tensor, String rule, String remedy) {
    return new CheckpointException(file + ": tensor " + tensor + " " + rule + remedy);
  }
}
