package io.footfall.flink.source;

import static io.footfall.flink.source.Scene.DELAY;
import static io.footfall.flink.source.Scene.START;
import static io.footfall.flink.source.Scene.TICK;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Runs that end, and tables of versions. */
class OtherWatermarksTest {

  @Test
  void aBoundedRunKnowsNoIdleness() {
    Scene scene = Scene.bounded().partition("a", 10).partition("b", 10).fetchNothing("b");

    scene.row("a", START).pass(3_600_000);

    assertEquals(Partition.NONE, scene.watermark);
  }

  @Test
  void aBoundedRunGoesOnWithoutThoseThatAreRead() {
    Scene scene = Scene.bounded().partition("a", 10).partition("b", 10).partition("empty", 0);
    scene.row("a", START + 100).row("b", START);

    scene.watermarks.release("empty");
    scene.pass(TICK);
    assertEquals(START - DELAY, scene.watermark);

    scene.watermarks.release("b");
    scene.pass(TICK);
    assertEquals(START + 100 - DELAY, scene.watermark);
  }

  @Test
  void aBoundedRunHasNoWallClock() {
    Scene scene = Scene.bounded().partition("a", 10);

    scene.row("a", START + 86_400_000).pass(TICK);

    assertEquals(START + 86_400_000 - DELAY, scene.watermark);
  }

  @Test
  void versionsAreAsNewAsTheLastProofThatAllOfThemAreRead() {
    Scene scene = Scene.versions(false).partition("a", 0).partition("b", 3).fetchNothing("a");

    scene.pass(60_000);
    assertEquals(Partition.NONE, scene.watermark);

    scene.messages("b", 3).pass(2 * TICK);
    assertTrue(scene.watermark >= scene.wall() - 2 * TICK);
    assertTrue(scene.watermark <= scene.wall());
  }

  @Test
  void newVersionsAreReadBeforeTheWatermarkMovesOn() {
    Scene scene = Scene.versions(false).partition("a", 0).fetchNothing("a").pass(TICK);
    long before = scene.watermark;

    scene.append("a", 2).pass(60_000);
    assertTrue(scene.watermark <= before + TICK);

    scene.messages("a", 2).pass(2 * TICK);
    assertTrue(scene.watermark >= scene.wall() - 2 * TICK);
  }

  @Test
  void whileVersionsPourInTheProofIsWhatWasAskedFirst() {
    Scene scene = Scene.versions(false).partition("a", 0).fetchNothing("a").pass(TICK);
    for (int round = 0; round < 50; round++) {
      scene.append("a", 100).pass(TICK).messages("a", 90);
    }

    assertTrue(scene.watermark >= scene.wall() - 20 * TICK);
    assertTrue(scene.watermark < scene.wall());
  }

  @Test
  void versionsOfABoundedRunAreCompleteAtItsEndOnly() {
    Scene scene = Scene.versions(true).partition("a", 10).row("a", START);

    scene.pass(60_000);

    assertEquals(Partition.NONE, scene.watermark);
  }
}
