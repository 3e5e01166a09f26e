package io.longreach.job.embed;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.input.DocumentSource;
import io.longreach.job.output.OutputTarget;
import java.util.Optional;

/**
 * What to embed and where to.
 *
 * @param maxFailures stop when more documents than this have failed
 */
public record EmbedRequest(
    DocumentSource source,
    OutputTarget target,
    Existing existing,
    EmbedderOptions options,
    Planning planning,
    Optional<Integer> maxFailures) {

  /** The folder of the output. */
  String output() {
    return target.folder();
  }

  /**
   * How to plan.
   *
   * @param limit embed only the first so many documents
   * @param tasks tasks to cut the work into; by the work and the cores if not given
   */
  public record Planning(
      Optional<Integer> limit, Optional<Integer> tasks, TokenCounts counts, Action action) {
    /** All documents, tokens sampled, and then embedded. */
    public static Planning defaults() {
      return new Planning(Optional.empty(), Optional.empty(), TokenCounts.SAMPLED, Action.EMBED);
    }
  }

  /** How tokens are counted before the work is shared out. */
  public enum TokenCounts {
    SAMPLED,
    EXACT
  }

  /** Embed, or only say what embedding would be. */
  public enum Action {
    EMBED,
    PLAN
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
