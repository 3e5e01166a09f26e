package io.longreach.job.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.input.Document;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DocumentCostsTest {
  private static final int BUCKETS = 8;
  private static final int MOST = 4;

  @Test
  void giantsStayAloneAndAllOthersAreInBuckets() {
    DocumentCosts costs = new DocumentCosts(BUCKETS, MOST);
    add(costs, 0, 0, 1000, 500);
    List<DocumentCosts.Place> places = costs.places();
    assertTrue(places.size() <= BUCKETS + 2 * MOST, places.size() + " places");
    List<DocumentCosts.Place> giants = places.stream().filter(p -> p.cost() >= 5000).toList();
    assertEquals(1, giants.size());
    assertEquals(document(500).hash(), giants.get(0).hash());
    assertEquals(5000, giants.get(0).cost(), "nothing beside the giant");
    assertEquals(9990 + 5000, sum(places), 1e-9);
    assertEquals(1000, costs.totals.documents);
  }

  @Test
  void sumsOfPartsAreTheWhole() {
    DocumentCosts first = new DocumentCosts(BUCKETS, MOST);
    DocumentCosts second = new DocumentCosts(BUCKETS, MOST);
    add(second, 1, 0, 400, 17);
    add(first, 0, 400, 600, 500);
    first.addDone(0, document(700));
    List<DocumentCosts.Place> places = second.add(first).places();
    assertEquals(600 * 10 + 2 * 4990, sum(places), 1e-9);
    assertEquals(2, places.stream().filter(p -> p.cost() >= 5000).count());
    assertEquals(600, second.totals.documents);
    assertEquals(1, second.totals.done);
    assertEquals(100, second.firstIds().size());
    assertEquals("d400", second.firstIds().get(0), "in the order of the partitions");
  }

  @Test
  void equalDocumentsAreOnePlace() {
    DocumentCosts costs = new DocumentCosts(BUCKETS, MOST);
    add(costs, 0, 0, 2, 2);
    add(costs, 1, 0, 2, 2);
    List<DocumentCosts.Place> places = costs.places();
    Set<Long> hashes = places.stream().map(DocumentCosts.Place::hash).collect(Collectors.toSet());
    assertEquals(new HashSet<>(List.of(document(0).hash(), document(1).hash())), hashes);
    assertTrue(places.stream().allMatch(place -> place.cost() == 20));
  }

  private static void add(DocumentCosts costs, int partition, int from, int to, int giant) {
    for (int i = from; i < to; i++) {
      costs.add(partition, document(i), 10, i == giant ? 5000 : 10);
    }
  }

  private static Document document(int number) {
    return Document.of("d" + number, new byte[] {1});
  }

  private static double sum(List<DocumentCosts.Place> places) {
    return places.stream().mapToDouble(DocumentCosts.Place::cost).sum();
  }
}
