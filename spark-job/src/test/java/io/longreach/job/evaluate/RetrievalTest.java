package io.longreach.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longreach.job.evaluate.Setting.Cut;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetrievalTest {
  private static final float[] EAST = {1, 0};
  private static final float[] NORTH = {0, 1};
  private static final float[] NORTH_EAST = {0.6f, 0.8f};

  @Test
  void everybodyFindsTheirPartner() {
    Retrieval found = Retrieval.of(List.of(EAST, NORTH), List.of(EAST, NORTH_EAST));
    assertEquals(new Retrieval(1, 1, 1, 0), found);
  }

  @Test
  void ranksAreCountedInBothDirections() {
    // East's partner is north: rank 2 of 3 behind north-east; the others find theirs but for north,
    // which is nearer to north-east than to its partner.
    Retrieval found =
        Retrieval.of(List.of(EAST, NORTH_EAST, NORTH), List.of(NORTH, NORTH_EAST, EAST));
    // Ranks: east -> north 3, north -> east 3; north-east 1, 1.
    assertEquals(1 / 3.0, found.recallAt1(), 1e-12);
    assertEquals(1, found.recallAt5(), 1e-12);
    assertEquals((2 * 1.0 + 4 / 3.0) / 6, found.meanReciprocalRank(), 1e-12);
  }

  @Test
  void tiesCountAgainstTheSetting() {
    List<float[]> same = List.of(EAST, EAST, EAST, EAST);
    assertEquals(new Retrieval(0, 1, 0.25, 0), Retrieval.of(same, same));
  }

  @Test
  void centringTakesTheCommonDirectionOff() {
    List<float[]> centred = Vectors.centred(List.of(new float[] {2, 1}, new float[] {2, -1}));
    assertArrayEquals(new float[] {0, 1}, centred.get(0), 1e-6f);
    assertArrayEquals(new float[] {0, -1}, centred.get(1), 1e-6f);
  }

  @Test
  void settings() {
    assertEquals(
        new Setting("chunks(256)", "dense", Cut.CHUNKS, 256), Setting.parse("chunks(256)"));
    assertEquals(
        new Setting("truncate(512)", "dense", Cut.TRUNCATED, 512), Setting.parse("truncate(512)"));
    assertEquals(new Setting("window(64)", "window(64)", Cut.NONE, 0), Setting.parse("window(64)"));
  }
}
