package io.longreach.encoders.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.encoders.family.TensorSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The tensors of several safetensors files, found by their index. */
final class ShardedTensors implements TensorSource {
  private static final int LIMIT_BYTES = 1 << 26;

  private final String index;
  private final Map<String, Safetensors> shardOfTensor = new HashMap<>();
  private final List<String> files = new ArrayList<>();

  private ShardedTensors(String index) {
    this.index = index;
  }

  /**
   * Opens the shards.
   *
   * @param prefix folder of the index and its shards, empty or ending in {@code /}
   * @throws CheckpointException if a shard is missing or lacks a tensor
   */
  static ShardedTensors open(CheckpointFolder folder, String prefix, String index) {
    JsonNode weightMap =
        CheckpointJson.object(folder, prefix + index, LIMIT_BYTES).path("weight_map");
    if (!weightMap.isObject()) {
      throw new CheckpointException(index + " must have a weight_map: download it again");
    }
    ShardedTensors tensors = new ShardedTensors(index);
    Map<String, Safetensors> shards = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : weightMap.properties()) {
      String file = checked(index, entry.getKey(), entry.getValue());
      Safetensors shard =
          shards.computeIfAbsent(file, name -> Safetensors.open(folder, prefix + name));
      if (!shard.has(entry.getKey())) {
        throw new CheckpointException(
            shard.place(entry.getKey())
                + " must be there as "
                + index
                + " says, is not: take all files from the same checkpoint");
      }
      tensors.shardOfTensor.put(entry.getKey(), shard);
    }
    shards.keySet().forEach(name -> tensors.files.add(prefix + name));
    return tensors;
  }

  /** A name must not lead out of the folder. */
  private static String checked(String index, String tensor, JsonNode file) {
    String name = file.asText();
    if (!file.isTextual() || !name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*\\.safetensors")) {
      throw new CheckpointException(
          index
              + ": tensor "
              + tensor
              + " must be in a .safetensors file of the same folder, was in "
              + CheckpointJson.found(file)
              + ": download the index again");
    }
    return name;
  }

  /** The shards, in the order of their names. */
  List<String> files() {
    return files;
  }

  @Override
  public boolean has(String name) {
    return shardOfTensor.containsKey(name);
  }

  @Override
  public int[] shape(String name) {
    return shard(name).shape(name);
  }

  @Override
  public float[] read(String name) {
    return shard(name).read(name);
  }

  @Override
  public String place(String name) {
    return has(name) ? shard(name).place(name) : index + ": tensor " + name;
  }

  private Safetensors shard(String name) {
    Safetensors shard = shardOfTensor.get(name);
    if (shard == null) {
      throw new CheckpointException(
          index
              + ": tensor "
              + name
              + " must be there, found "
              + shardOfTensor.size()
              + " others: take the weights and config.json from the same checkpoint");
    }
    return shard;
  }
}
