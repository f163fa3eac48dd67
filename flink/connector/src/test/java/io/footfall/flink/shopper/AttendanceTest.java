package io.footfall.flink.shopper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.footfall.flink.Packed;
import io.footfall.flink.clock.ShopClock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttendanceTest {

  private static final ShopClock CLOCK = new ShopClock(ZoneId.of("America/St_Johns"));
  private static final int SIXTH = (int) LocalDate.of(2010, 11, 6).toEpochDay();

  @Test
  void anEarlierRowMovesTheFirstSightToItsSlotAndALaterOneDoesNot() {
    Attendance attendance = new Attendance();

    assertEquals(millis("12:40") - 1, attendance.note(millis("12:30"), CLOCK));
    assertEquals(millis("12:10") - 1, attendance.note(millis("12:00"), CLOCK));
    assertEquals(Long.MIN_VALUE, attendance.note(millis("12:20"), CLOCK));
    assertEquals(List.of(SIXTH), attendance.firstSeenBy(millis("12:10") - 1));
    assertEquals(List.of(), attendance.firstSeenBy(millis("12:40")));
  }

  @Test
  void whoWasSeenBeforeClocksWentBackOverMidnightIsNotNewThatDayAfterwards() {
    Attendance attendance = new Attendance();
    long before = Instant.parse("2010-11-07T02:00:00Z").toEpochMilli();
    long again = Instant.parse("2010-11-07T03:00:00Z").toEpochMilli();
    attendance.note(before, CLOCK);
    attendance.firstSeenBy(again - 1);
    attendance.prune(again - 1);

    assertEquals(Long.MIN_VALUE, attendance.note(again, CLOCK));
  }

  @Test
  void whatIsRememberedSurvivesPacking() {
    Attendance attendance = new Attendance();
    attendance.note(millis("12:00"), CLOCK);
    Packed packed = new Packed();
    attendance.write(packed);

    Attendance copy = Attendance.read(new Packed(packed.toBytes()));

    assertEquals(attendance.neededUntil(), copy.neededUntil());
    assertEquals(Long.MIN_VALUE, copy.note(millis("12:05"), CLOCK));
  }

  private static long millis(String time) {
    return Instant.parse("2010-11-06T" + time + ":00Z").toEpochMilli();
  }
}
