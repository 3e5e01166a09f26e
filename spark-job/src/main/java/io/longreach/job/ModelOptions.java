package io.longreach.job;

import io.longreach.encoders.AttentionChoices;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.Pooling;
import io.longreach.encoders.VectorOptions;
import picocli.CommandLine.Option;

/** Options that say which model computes what. */
final class ModelOptions {

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      defaultValue = "minilm",
      description = {
        "minilm, bge-small, a checkpoint folder, its URI, or org/name[@revision] of the hub",
        "(default: ${DEFAULT-VALUE})."
      })
  private String model;

  @Option(
      names = "--pattern",
      paramLabel = "PATTERN",
      defaultValue = "auto",
      description = {
        "Attention pattern, for example 'window(256)' (default: ${DEFAULT-VALUE}:",
        "dense within the model's own positions, window(256) beyond)."
      })
  private String pattern;

  @Option(
      names = "--positions",
      paramLabel = "POLICY",
      defaultValue = "tile",
      description = "tile, stretch or native (default: ${DEFAULT-VALUE}).")
  private String positions;

  @Option(
      names = "--global-tokens",
      paramLabel = "TOKENS",
      defaultValue = "auto",
      description = {
        "Global tokens of a Longformer: auto (the first), none, or positions such as '0, 5, 8-11'",
        "(default: ${DEFAULT-VALUE})."
      })
  private String globalTokens;

  @Option(
      names = "--bigbird-random",
      paramLabel = "DRAW",
      defaultValue = "drawn",
      description = {
        "Random blocks of a BigBird: drawn as it was trained, or zero as its published",
        "implementation computes outside training (default: ${DEFAULT-VALUE})."
      })
  private String bigBirdRandom;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "0",
      description = "Truncate longer documents; 0 for never (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--pooling",
      paramLabel = "POOLING",
      defaultValue = "auto",
      description = {
        "How tokens become one vector: mean, cls, max, last or weighted_mean",
        "(default: ${DEFAULT-VALUE}, what the model was made for)."
      })
  private String pooling;

  @Option(
      names = "--dimensions",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "Keep the first N dimensions of each vector, for models trained so; 0 for all",
        "(default: ${DEFAULT-VALUE})."
      })
  private int dimensions;

  @Option(
      names = "--prompt",
      paramLabel = "PROMPT",
      defaultValue = "auto",
      description = {
        "What goes before every text: a prompt's name in the checkpoint, a prefix such as 'query: ',",
        "or nothing if empty (default: ${DEFAULT-VALUE}, the checkpoint's default prompt)."
      })
  private String prompt;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = {
        "auto, cpu or cuda, the GPU that Spark gives to a task (default: ${DEFAULT-VALUE}, the GPU",
        "where there is one that works)."
      })
  private String device;

  EmbedderOptions options() {
    return new EmbedderOptions(
        model,
        pattern,
        positions,
        maxTokens,
        device,
        1,
        prompt,
        new VectorOptions(Pooling.parse(pooling), dimensions, VectorOptions.Scale.UNIT),
        new AttentionChoices(globalTokens, bigBirdRandom));
  }
}
