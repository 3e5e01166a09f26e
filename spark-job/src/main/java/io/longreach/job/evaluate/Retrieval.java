package io.longreach.job.evaluate;

import java.util.ArrayList;
import java.util.List;

/**
 * How well vectors find their partners among all partners, by cosine, in both directions.
 *
 * @param recallAt1 share of the vectors whose partner is the nearest
 * @param recallAt5 share of the vectors whose partner is among the five nearest
 * @param meanReciprocalRank mean of 1 / rank
 * @param standardError of the mean reciprocal rank; documents, not directions, count as independent
 */
record Retrieval(
    double recallAt1, double recallAt5, double meanReciprocalRank, double standardError) {

  /** A partner that ties with others gets the worst of their ranks. */
  static Retrieval of(List<float[]> first, List<float[]> second) {
    int documents = first.size();
    int within1 = 0;
    int within5 = 0;
    double[] reciprocal = new double[documents];
    for (int d = 0; d < documents; d++) {
      for (int rank : new int[] {rank(first.get(d), second, d), rank(second.get(d), first, d)}) {
        within1 += rank == 1 ? 1 : 0;
        within5 += rank <= 5 ? 1 : 0;
        reciprocal[d] += 0.5 / rank;
      }
    }
    double mean = 0;
    for (double value : reciprocal) {
      mean += value / documents;
    }
    double squares = 0;
    for (double value : reciprocal) {
      squares += (value - mean) * (value - mean);
    }
    return new Retrieval(
        within1 / (2.0 * documents),
        within5 / (2.0 * documents),
        mean,
        Math.sqrt(squares / Math.max(1, documents - 1) / documents));
  }

  /** The same after the mean of all vectors is taken off: a corpus has a direction of its own. */
  static Retrieval ofCentred(List<float[]> first, List<float[]> second) {
    List<float[]> all = new ArrayList<>(first);
    all.addAll(second);
    List<float[]> centred = Vectors.centred(all);
    return of(centred.subList(0, first.size()), centred.subList(first.size(), centred.size()));
  }

  private static int rank(float[] query, List<float[]> candidates, int partner) {
    double own = Vectors.dot(query, candidates.get(partner));
    int rank = 1;
    for (int c = 0; c < candidates.size(); c++) {
      if (c != partner && Vectors.dot(query, candidates.get(c)) >= own) {
        rank++;
      }
    }
    return rank;
  }
}
