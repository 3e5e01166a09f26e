package io.longreach.encoders.family;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.pattern.AttentionPattern;

/** How one published family becomes an encoder. */
public interface Family {

  /**
   * Packs the weights for a device, as it is.
   *
   * @throws IllegalArgumentException naming the setting or the tensor that does not fit
   */
  EncoderModel load(JsonNode config, TensorSource tensors, Device device, Reading reading);

  /**
   * The attention of a checkpoint read with all defaults, from its configuration alone.
   *
   * @throws IllegalArgumentException naming the setting that does not fit
   */
  AttentionInUse attention(JsonNode config);

  /**
   * A checkpoint on a device, or on its float32 twin if a layer hashes: with rows in bf16, tokens
   * near the border of two buckets meet other tokens than the checkpoint was trained with.
   *
   * @throws IllegalArgumentException naming the setting or the tensor that does not fit
   */
  static EncoderModel open(JsonNode config, TensorSource tensors, Device device, Reading reading) {
    Family family = of(config);
    AttentionInUse published = family.attention(config);
    reading.checkGlobalTokens(published);
    boolean hashes = reading.pattern().map(AttentionPattern::hashes).orElseGet(published::hashes);
    return family.load(config, tensors, hashes ? device.inFloat32() : device, reading);
  }

  /**
   * The family of a {@code config.json}.
   *
   * @throws IllegalArgumentException if its {@code model_type} is not known
   */
  static Family of(JsonNode config) {
    String type = new Settings(config).text("model_type", "");
    return switch (type) {
      case "bert" -> BertFamily.bert();
      case "roberta", "xlm-roberta", "camembert" -> BertFamily.roberta();
      case "longformer" -> new LongformerFamily();
      case "big_bird" -> new BigBirdFamily();
      case "modernbert" -> new ModernBertFamily();
      case "performer" -> new PerformerFamily();
      case "reformer" -> new ReformerFamily();
      default ->
          throw new IllegalArgumentException(
              "config.json: model_type must be bert, roberta, longformer, big_bird, modernbert, reformer or performer, was '"
                  + type
                  + "': this family is not supported");
    };
  }
}
