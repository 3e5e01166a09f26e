package io.longreach.job.embed;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.input.InputFormat;
import java.util.Optional;

/**
 * What to embed and where to.
 *
 * @param inputName what the user calls the input: it stays the same from run to run
 * @param limit embed only the first so many documents
 * @param maxFailures stop when more documents than this have failed
 * @param tasks tasks to cut the work into; a few for each core if not given
 */
public record EmbedRequest(
    Source source,
    String input,
    String inputName,
    Optional<InputFormat> format,
    String idColumn,
    String textColumn,
    Optional<Integer> limit,
    String output,
    Existing existing,
    EmbedderOptions options,
    Optional<Integer> tasks,
    Optional<Integer> maxFailures) {

  /** What the input's name means. */
  public enum Source {
    FILES,
    TABLE,
    QUERY
  }

  /**
   * What to do with an output that exists: refuse it unless it is of the same input and
   * configuration, replace it, or embed into it what is new or changed.
   */
  public enum Existing {
    REFUSE,
    OVERWRITE,
    UPDATE
  }
}
