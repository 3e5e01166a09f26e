package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Matrix;
import java.util.Optional;

/** The attention of one layer with its projections, the output projection excepted. */
public interface AttentionLayer {

  /** Columns of the context: heads times headDim. */
  int contextColumns();

  /** Computes the context of every document; rows of different documents never meet. */
  void attend(Forward forward, Matrix in, Matrix context);

  /**
   * The same for one document whose rows come a segment at a time; empty where a query may see keys
   * that lie any distance away.
   */
  default Optional<AttentionStream> stream(StreamedForward forward, Document document) {
    return Optional.empty();
  }
}
