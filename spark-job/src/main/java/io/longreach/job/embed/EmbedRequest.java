package io.longreach.job.embed;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.input.InputFormat;
import java.util.Optional;

/**
 * What to embed and where to.
 *
 * @param limit embed only the first so many documents
 * @param tasks tasks to cut the work into; a few for each core if not given
 */
public record EmbedRequest(
    String input,
    Optional<InputFormat> format,
    String idColumn,
    String textColumn,
    Optional<Integer> limit,
    String output,
    Existing existing,
    EmbedderOptions options,
    Optional<Integer> tasks) {

  /** What to do with an output that exists. */
  public enum Existing {
    REFUSE,
    OVERWRITE
  }
}
