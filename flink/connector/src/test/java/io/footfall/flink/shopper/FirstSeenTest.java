package io.footfall.flink.shopper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.footfall.flink.clock.ShopClock;
import io.footfall.flink.shopper.FirstSeen.Windows;
import io.footfall.flink.state.StateBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FirstSeenTest {

  private static final ShopClock CLOCK = new ShopClock(ZoneId.of("America/St_Johns"));
  private static final int SIXTH = (int) LocalDate.of(2010, 11, 6).toEpochDay();

  @Test
  void anEarlierRowMovesTheFirstSightToItsSlotAndALaterOneDoesNot() {
    FirstSeen firstSeen = new FirstSeen();

    assertEquals(millis("12:40") - 1, firstSeen.note(millis("12:30"), CLOCK));
    assertEquals(millis("12:10") - 1, firstSeen.note(millis("12:00"), CLOCK));
    assertEquals(Long.MIN_VALUE, firstSeen.note(millis("12:20"), CLOCK));
    assertEquals(List.of(SIXTH), firstSeen.firstSeenBy(millis("12:10") - 1));
    assertEquals(List.of(), firstSeen.firstSeenBy(millis("12:40")));
  }

  @Test
  void whoWasSeenBeforeClocksWentBackOverMidnightIsNotNewThatDayAfterwards() {
    FirstSeen firstSeen = new FirstSeen();
    long before = Instant.parse("2010-11-07T02:00:00Z").toEpochMilli();
    long again = Instant.parse("2010-11-07T03:00:00Z").toEpochMilli();
    firstSeen.note(before, CLOCK);
    firstSeen.firstSeenBy(again - 1);
    firstSeen.prune(again - 1);

    assertEquals(Long.MIN_VALUE, firstSeen.note(again, CLOCK));
  }

  @Test
  void aRowIsTheFirstInTheWindowsThatNoRowNearbyHasReached() {
    FirstSeen firstSeen = new FirstSeen();

    assertEquals(new Windows(1, 5), firstSeen.noteMinute(millis("12:10")));
    assertEquals(new Windows(3, 5), firstSeen.noteMinute(millis("12:13")));
    assertEquals(new Windows(1, 2), firstSeen.noteMinute(millis("12:08")));
    assertTrue(firstSeen.noteMinute(millis("12:11")).areNone());
    assertNull(firstSeen.noteMinute(millis("12:10")));
  }

  @Test
  void inWhateverOrderRowsComeAUserIsNewOnceInEachWindowThatHoldsOne() {
    Random random = new Random(15);
    for (int round = 0; round < 2_000; round++) {
      FirstSeen firstSeen = new FirstSeen();
      Set<Long> expected = new TreeSet<>();
      List<Long> told = new ArrayList<>();
      long watermark = Long.MIN_VALUE / 2;
      for (int row = 0; row < 30; row++) {
        int minute = row / 3 + random.nextInt(12);
        long time = minute * 60_000L + random.nextInt(60_000);
        if (time <= watermark) {
          continue;
        }
        for (long end = minute + 1L; end <= minute + 5; end++) {
          expected.add(end);
        }
        firstSeen.prune(watermark);
        firstSeen = packed(firstSeen);
        Windows windows = firstSeen.noteMinute(time);
        for (int window = 1; windows != null && window <= 5; window++) {
          if (window >= windows.first() && window <= windows.last()) {
            told.add((long) minute + window);
          }
        }
        watermark = Math.max(watermark, time - random.nextInt(8 * 60_000));
      }
      told.sort(null);
      assertEquals(List.copyOf(expected), told);
    }
  }

  @Test
  void ofTheMinutesOnlyThoseAreKeptThatALaterRowsWindowsHold() {
    FirstSeen firstSeen = new FirstSeen();
    for (int minute = 0; minute < 600; minute++) {
      long time = millis("00:00") + minute * 60_000L;
      firstSeen.prune(time - 1);
      firstSeen.noteMinute(time);
    }

    assertEquals(1 + 6 * Long.BYTES + 1, bytes(firstSeen).length);
  }

  @Test
  void whatIsRememberedSurvivesPacking() {
    FirstSeen firstSeen = new FirstSeen();
    firstSeen.note(millis("12:00"), CLOCK);

    FirstSeen copy = packed(firstSeen);

    assertEquals(firstSeen.neededUntil(), copy.neededUntil());
    assertEquals(Long.MIN_VALUE, copy.note(millis("12:05"), CLOCK));
  }

  private static FirstSeen packed(FirstSeen firstSeen) {
    return FirstSeen.read(new StateBuffer(bytes(firstSeen)));
  }

  private static byte[] bytes(FirstSeen firstSeen) {
    StateBuffer buffer = new StateBuffer();
    firstSeen.write(buffer);
    return buffer.toBytes();
  }

  private static long millis(String time) {
    return Instant.parse("2010-11-06T" + time + ":00Z").toEpochMilli();
  }
}
