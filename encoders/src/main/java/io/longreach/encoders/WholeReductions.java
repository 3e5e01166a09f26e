package io.longreach.encoders;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Device.PlacedRows;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.device.RowReduction;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of each document of a batch as one. Who asks for one whole document will ask for the
 * next one too: all are reduced at once, as a device that launches has to be waited for each time.
 */
final class WholeReductions {
  private final Device device;
  private final Matrix hidden;
  private final List<PlacedRows> documents;
  private final Map<RowReduction, double[][]> known = new EnumMap<>(RowReduction.class);

  WholeReductions(Device device, Matrix hidden, List<PlacedRows> documents) {
    this.device = device;
    this.hidden = hidden;
    this.documents = documents;
  }

  int firstRow(int document) {
    return documents.get(document).firstRow();
  }

  /** Tokens {@code [firstToken, lastToken)} of a document. */
  double[] part(int document, int firstToken, int lastToken, RowReduction reduction) {
    PlacedRows part = new PlacedRows(firstRow(document) + firstToken, lastToken - firstToken);
    if (!part.equals(documents.get(document))) {
      return device.reduce(hidden, List.of(part), reduction)[0];
    }
    return known.computeIfAbsent(reduction, all -> device.reduce(hidden, documents, all))[document]
        .clone();
  }
}
