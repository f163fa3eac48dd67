package io.footfall.flink.source;

import static io.footfall.flink.source.Scene.DELAY;
import static io.footfall.flink.source.Scene.IDLE;
import static io.footfall.flink.source.Scene.MARGIN;
import static io.footfall.flink.source.Scene.START;
import static io.footfall.flink.source.Scene.TICK;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LiveWatermarksTest {

  private static final long LONG_AGO = START - 3_600_000;

  @Test
  void followsTheSlowestOfThoseThatSpeak() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 0);

    scene.row("a", LONG_AGO + 100).row("b", LONG_AGO + 50).pass(TICK);

    assertEquals(LONG_AGO + 50 - DELAY, scene.watermark);
  }

  @Test
  void namesThePartitionThatTheWatermarkWaitsFor() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 1000).partition("c", 0);
    assertEquals("a", scene.watermarks.slowest().partition());

    scene.row("a", LONG_AGO + 100).row("c", LONG_AGO + 50).pass(TICK);
    assertEquals("b", scene.watermarks.slowest().partition());
    assertEquals(Partition.NONE, scene.watermarks.slowest().watermark());

    scene.row("b", LONG_AGO + 70).pass(TICK);
    assertEquals("c", scene.watermarks.slowest().partition());
    assertEquals(LONG_AGO + 50 - DELAY, scene.watermarks.slowest().watermark());
  }

  @Test
  void waitsForAPartitionOfWhichNothingIsReadHoweverLongTheOthersTake() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 1000);

    for (int second = 0; second < 60; second++) {
      scene.row("a", LONG_AGO + second).pass(1_000);
    }

    assertEquals(Partition.NONE, scene.watermark);
    assertEquals(1, scene.watermarks.holding());

    scene.row("b", LONG_AGO + 7).pass(TICK);

    assertEquals(LONG_AGO + 7 - DELAY, scene.watermark);
  }

  @Test
  void waitsForABacklogThatIsReadSlowly() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 1000);
    scene.row("a", LONG_AGO + 100_000).row("b", LONG_AGO);

    // The fetch of the rest takes a minute.
    for (int second = 0; second < 60; second++) {
      scene.row("a", LONG_AGO + 100_000 + second).pass(1_000);
    }

    assertEquals(LONG_AGO - DELAY, scene.watermark);
  }

  @Test
  void anEmptyPartitionHoldsForTheIdleTimeoutOnly() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 0).fetchNothing("b");

    for (long passed = 0; passed < IDLE - 1_000; passed += 1_000) {
      scene.row("a", LONG_AGO).pass(1_000);
    }
    assertEquals(Partition.NONE, scene.watermark);

    scene.row("a", LONG_AGO + 1).pass(1_000 + 2 * TICK);

    assertEquals(LONG_AGO + 1 - DELAY, scene.watermark);
    assertEquals(1, scene.watermarks.quiet());
  }

  @Test
  void aPositionThatNobodyHasToldIsNoEnd() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 0);

    for (int second = 0; second < 60; second++) {
      scene.row("a", LONG_AGO + second).pass(1_000);
    }

    assertEquals(Partition.NONE, scene.watermark);
  }

  @Test
  void aMarkerOrAnAbortedRecordAtTheEndIsReadLikeAnyOther() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 3).row("b", LONG_AGO);

    scene.messages("b", 2);
    speakUntilQuiet(scene, "a");

    assertEquals(1, scene.watermarks.quiet());
    assertTrue(scene.watermark > LONG_AGO);
  }

  @Test
  void behindAnOpenTransactionNobodyIsQuiet() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 0).row("b", LONG_AGO);
    scene.append("b", 5).openTransactionAt("b", 1);

    speakUntilQuiet(scene, "a");

    assertEquals(LONG_AGO - DELAY, scene.watermark);
    assertEquals(0, scene.watermarks.quiet());
    assertEquals(1, scene.watermarks.openTransactions());

    scene.openTransactionAt("b", 6).messages("b", 5);
    speakUntilQuiet(scene, "a");

    assertEquals(1, scene.watermarks.quiet());
    assertEquals(0, scene.watermarks.openTransactions());
  }

  @Test
  void anOpenTransactionOfAQuietPartitionHoldsAtOnce() {
    Scene scene = withQuietPartition();
    long before = scene.watermark;

    scene.append("b", 5).openTransactionAt("b", 0);
    scene.row("a", LONG_AGO + 900_000).pass(60_000);

    assertEquals(before, scene.watermark);
  }

  @Test
  void aBacklogInAQuietPartitionIsReadBeforeAnybodyPassesIt() {
    Scene scene = withQuietPartition();
    long before = scene.watermark;

    scene.append("b", 100);
    scene.row("a", LONG_AGO + 500_000).pass(30_000);

    assertEquals(before, scene.watermark);

    scene.row("b", LONG_AGO + 20_000).pass(TICK);

    assertEquals(LONG_AGO + 20_000 - DELAY, scene.watermark);
  }

  @Test
  void aRowBetweenQuestionAndAnswerIsNotPassed() {
    Scene scene = withQuietPartition();
    long before = scene.watermark;

    scene.delayAnswers().row("a", LONG_AGO + 500_000).pass(TICK);
    scene.row("b", LONG_AGO + 20_000).deliver();

    assertEquals(before, scene.watermark);

    scene.pass(TICK);

    assertEquals(LONG_AGO + 20_000 - DELAY, scene.watermark);
  }

  @Test
  void aRowBetweenQuestionAndAnswerStopsTheQuietClock() {
    Scene scene = Scene.live().partition("a", 0, true).fetchNothing("a").pass(IDLE - TICK);

    scene.delayAnswers().pass(2 * TICK).row("a", LONG_AGO).deliver();

    assertEquals(Partition.NONE, scene.watermark);
  }

  @Test
  void aPartitionThatWakesUpToAMarkerOnlyIsQuietAgainOnceItIsRead() {
    Scene scene = withQuietPartition();

    scene.append("b", 1).row("a", LONG_AGO + 500_000).pass(TICK);
    assertEquals(1, scene.watermarks.holding());
    scene.messages("b", 1).pass(2 * TICK);

    assertEquals(LONG_AGO + 500_000 - DELAY, scene.watermark);
  }

  @Test
  void whenAllWereQuietTheFirstBacklogWaitsForTheOthers() {
    Scene scene = withQuietPartition();
    scene.pass(2 * IDLE);
    scene.row("a", scene.wall()).pass(TICK);

    // Both topics fill while nothing is read, such as after a broker's restart; one is read first.
    scene.append("a", 1000).append("b", 1000);
    long time = scene.wall();
    long before = scene.watermark;
    scene.row("a", time + 30_000).tick(TICK, 31_000);
    scene.pass(1_000);

    assertTrue(scene.watermark <= Math.max(before, time - DELAY), "passed on old evidence");
  }

  @Test
  void withoutAnAnswerNobodyBecomesQuietAndNobodyIsPassed() {
    Scene scene = withQuietPartition().partition("c", 0).fetchNothing("c").brokerIsAway(true);
    long before = scene.watermark;

    scene.row("a", LONG_AGO + 500_000).pass(60_000);

    assertEquals(before, scene.watermark);

    scene.brokerIsAway(false).row("a", LONG_AGO + 500_001).pass(2 * TICK);

    assertEquals(LONG_AGO + 500_001 - DELAY, scene.watermark);
  }

  @Test
  void aPartitionWhoseLeaderIsAwayIsNotPassed() {
    Scene scene = withQuietPartition().leaderIsAway("b");
    long before = scene.watermark;

    scene.row("a", LONG_AGO + 500_000).pass(5_000);

    assertEquals(before, scene.watermark);
  }

  @Test
  void aBacklogAfterTheBrokersReturnIsReadFirst() {
    Scene scene = withQuietPartition().brokerIsAway(true).pass(40_000);
    long before = scene.watermark;

    scene.brokerIsAway(false).append("b", 100).row("a", LONG_AGO + 900_000).pass(2_000);

    assertEquals(before, scene.watermark);
  }

  @Test
  void aNewPartitionHoldsUntilItHasSpoken() {
    Scene scene = withQuietPartition();
    long before = scene.watermark;

    scene.partition("c", 30).row("a", LONG_AGO + 500_000).pass(60_000);
    assertEquals(before, scene.watermark);

    scene.row("c", LONG_AGO + 30_000).pass(TICK);
    assertEquals(LONG_AGO + 30_000 - DELAY, scene.watermark);
  }

  @Test
  void aPartitionThatIsNewBetweenQuestionAndAnswerHoldsToo() {
    Scene scene = withQuietPartition();
    long before = scene.watermark;

    scene.delayAnswers().row("a", LONG_AGO + 500_000).pass(TICK);
    scene.partition("c", 30).deliver();

    assertEquals(before, scene.watermark);
  }

  @Test
  void anEarlyRowMakesNothingElseLate() {
    Scene scene = Scene.live().partition("a", 0);

    scene.row("a", START - 1_000).row("a", START + 3_590_000).pass(TICK);
    assertTrue(scene.watermark <= scene.wall() - DELAY);

    scene.row("a", scene.wall()).pass(1_000);
    assertTrue(
        scene.watermark <= scene.wall() - DELAY,
        "the watermark is ahead of the wall clock minus the delay");
    assertTrue(
        scene.watermark >= scene.wall() - DELAY - 1_000 - TICK,
        "the early row stops the watermark");
  }

  @Test
  void behindAnEarlyRowABacklogIsStillInTime() {
    Scene scene = Scene.live().partition("a", 1000);

    // Ten minutes behind: the early row is one of many that wait to be read.
    scene.row("a", START - 600_000).row("a", START + 3_590_000).pass(30_000);
    assertEquals(START - 600_000 - DELAY, scene.watermark);

    scene.row("a", START - 599_000).pass(TICK);
    assertEquals(START - 599_000 - DELAY, scene.watermark);
  }

  @Test
  void aPartitionWhoseClockIsAlwaysFastMovesWithTheWallClock() {
    Scene scene = Scene.live().partition("a", 0);

    for (int second = 0; second < 30; second++) {
      scene.row("a", scene.wall() + 7_200_000).pass(1_000);
    }

    assertTrue(scene.watermark <= scene.wall() - DELAY);
    assertTrue(scene.watermark >= scene.wall() - DELAY - 2_000);
  }

  @Test
  void theWallClockMayStepBack() {
    Scene scene = Scene.live().partition("a", 0).row("a", START).pass(TICK);
    long before = scene.watermark;

    scene.tick(TICK, -3_600_000).row("a", START - 1).pass(1_000);

    assertEquals(before, scene.watermark);
  }

  @Test
  void aQuietShopGetsItsLastMinutes() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 0).fetchNothing("b");
    scene.row("a", START);

    scene.pass(IDLE - TICK);
    assertTrue(scene.watermark < START);
    scene.pass(3 * MARGIN);

    assertTrue(scene.watermark > START + MARGIN);
    assertTrue(scene.watermark <= scene.wall() - MARGIN);
    assertTrue(scene.watermark >= scene.wall() - MARGIN - 2 * TICK);
  }

  @Test
  void theQuietClockIsThatOfTheQuestionNotOfTheAnswer() {
    Scene scene =
        Scene.live().partition("a", 0).row("a", START).pass(2 * MARGIN).delayAnswers();
    scene.pass(TICK);
    long asked = scene.wall();

    scene.pass(4_000).deliver();

    assertEquals(asked - MARGIN, scene.watermark);
  }

  @Test
  void theQuietClockStandsWhileTheBrokerDoesNotAnswer() {
    Scene scene = Scene.live().partition("a", 0).row("a", START).pass(2 * IDLE);
    long before = scene.watermark;

    scene.brokerIsAway(true).pass(5 * MARGIN);

    assertEquals(before, scene.watermark);
  }

  @Test
  void beforeTheFirstRowEverNoClockIsFollowed() {
    Scene scene = Scene.live().partition("a", 0).fetchNothing("a").pass(5 * MARGIN);

    assertEquals(Partition.NONE, scene.watermark);
  }

  @Test
  void aShopThatHadRowsBeforeTheRestartGetsItsLastMinutesWithoutANewOne() {
    Scene scene = Scene.live().partition("a", 0, true).fetchNothing("a").pass(IDLE + MARGIN);

    assertTrue(scene.watermark > Partition.NONE);
  }

  @Test
  void withoutAMarginTheWatermarkStandsWhenAllIsQuiet() {
    Scene scene = Scene.liveWithoutMargin().partition("a", 0).row("a", START).pass(5 * MARGIN);

    assertEquals(START - DELAY, scene.watermark);
  }

  @Test
  void idleTimeBeginsAnewAfterTheMachineHasSlept() {
    Scene scene = Scene.live().partition("a", 0).row("a", START).pass(2 * IDLE);
    long before = scene.watermark;

    // Suspended: the wall clock has moved on, the monotonic clock has not.
    scene.tick(TICK, 8 * 3_600_000).pass(IDLE - 2 * TICK);
    assertEquals(before, scene.watermark);

    scene.pass(3 * TICK);
    assertTrue(scene.watermark > before + 7 * 3_600_000);
  }

  @Test
  void idleTimeBeginsAnewAfterTheProcessWasStopped() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 0);
    scene.row("a", LONG_AGO + 10_000).row("b", LONG_AGO).pass(TICK);

    scene.append("b", 0).tick(40_000, 40_000).pass(IDLE - TICK);

    assertEquals(0, scene.watermarks.quiet());
  }

  @Test
  void anAnswerFromBeforeTheSleepProvesNothing() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 0).row("b", LONG_AGO);
    speakUntilQuiet(scene, "a");
    assertEquals(1, scene.watermarks.quiet());
    long before = scene.watermark;

    scene.delayAnswers().row("a", LONG_AGO + 500_000).pass(TICK);
    scene.tick(40_000, 40_000).append("b", 5).deliver();

    assertEquals(before, scene.watermark);
  }

  @Test
  void rareTicksAreNoSleep() {
    Scene scene = Scene.liveWithTicks(30_000).partition("a", 0).row("a", START).pass(4 * MARGIN);

    assertTrue(scene.watermark > START + MARGIN);
  }

  @Test
  void unreadableMessagesOnlyAreNoReasonToWait() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 500);
    for (long passed = 0; passed < IDLE + 1_000; passed += 1_000) {
      scene.row("a", LONG_AGO).messages("b", 1).pass(1_000);
    }
    assertEquals(Partition.NONE, scene.watermark);

    scene.messages("b", 500).row("a", LONG_AGO + 1).pass(2 * TICK);

    assertEquals(LONG_AGO + 1 - DELAY, scene.watermark);
  }

  @Test
  void aSubtaskWithoutPartitionsHoldsNobodyForLong() {
    Scene scene = Scene.liveBesideOthers().pass(IDLE - TICK);
    assertEquals(Partition.NONE, scene.watermark);

    scene.pass(2 * TICK);

    assertEquals(scene.wall() - MARGIN, scene.watermark);
    assertEquals(Partition.NONE, Scene.live().pass(5 * MARGIN).watermark);
  }

  private static Scene withQuietPartition() {
    Scene scene = Scene.live().partition("a", 0).partition("b", 0).fetchNothing("b");
    speakUntilQuiet(scene, "a");
    assertEquals(1, scene.watermarks.quiet());
    return scene;
  }

  private static void speakUntilQuiet(Scene scene, String partition) {
    for (long passed = 0; passed < IDLE + 1_000; passed += 1_000) {
      scene.row(partition, LONG_AGO + 10_000 + passed).pass(1_000);
    }
  }
}
