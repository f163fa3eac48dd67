package io.footfall.flink.shopper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.footfall.flink.clock.ShopClock;
import io.footfall.flink.state.StateBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
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
  void whatIsRememberedSurvivesPacking() {
    FirstSeen firstSeen = new FirstSeen();
    firstSeen.note(millis("12:00"), CLOCK);
    StateBuffer packed = new StateBuffer();
    firstSeen.write(packed);

    FirstSeen copy = FirstSeen.read(new StateBuffer(packed.toBytes()));

    assertEquals(firstSeen.neededUntil(), copy.neededUntil());
    assertEquals(Long.MIN_VALUE, copy.note(millis("12:05"), CLOCK));
  }

  private static long millis(String time) {
    return Instant.parse("2010-11-06T" + time + ":00Z").toEpochMilli();
  }
}
