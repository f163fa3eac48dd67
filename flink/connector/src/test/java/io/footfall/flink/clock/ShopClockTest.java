package io.footfall.flink.clock;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShopClockTest {

  private static final long HOUR = 3_600_000;
  private static final long BUCKET = 600_000;

  @ParameterizedTest
  @CsvSource({
    "UTC,                 2026-03-02T10:59:59.999Z, 2026-03-02T10:00:00Z, 2026-03-02T11:00:00Z, 2026-03-02T10:00",
    "Asia/Kolkata,        2026-03-02T18:30:00Z,     2026-03-02T18:30:00Z, 2026-03-02T19:30:00Z, 2026-03-03T00:00",
    "Europe/Berlin,       2026-10-25T00:59:59Z,     2026-10-25T00:00:00Z, 2026-10-25T01:00:00Z, 2026-10-25T02:00",
    "Europe/Berlin,       2026-10-25T01:00:00Z,     2026-10-25T01:00:00Z, 2026-10-25T02:00:00Z, 2026-10-25T02:00",
    "America/Caracas,     2016-05-01T06:59:59Z,     2016-05-01T06:30:00Z, 2016-05-01T07:00:00Z, 2016-05-01T02:00",
    "America/Caracas,     2016-05-01T07:00:00Z,     2016-05-01T07:00:00Z, 2016-05-01T08:00:00Z, 2016-05-01T03:00",
    "Australia/Lord_Howe, 2026-04-04T15:00:00Z,     2026-04-04T15:00:00Z, 2026-04-04T15:30:00Z, 2026-04-05T01:30",
    "Australia/Lord_Howe, 2026-10-03T15:45:00Z,     2026-10-03T15:30:00Z, 2026-10-03T16:00:00Z, 2026-10-04T02:30",
    "Asia/Kathmandu,      1985-12-31T18:30:00Z,     1985-12-31T18:30:00Z, 1985-12-31T19:15:00Z, 1986-01-01T00:15",
    "Africa/Monrovia,     1971-06-01T00:44:30Z,     1971-06-01T00:44:30Z, 1971-06-01T01:44:30Z, 1971-06-01T00:00",
  })
  void anHourIsWhatTheClockGoesThroughAtOneGo(
      String zone, String time, String start, String end, String shown) {
    ShopClock clock = new ShopClock(ZoneId.of(zone));
    long moment = millis(time);

    assertAll(
        () -> assertEquals(Instant.parse(start), Instant.ofEpochMilli(clock.start(moment, HOUR))),
        () -> assertEquals(Instant.parse(end), Instant.ofEpochMilli(clock.end(moment, HOUR))),
        () -> assertEquals(LocalDateTime.parse(shown), shown(clock, clock.start(moment, HOUR))));
  }

  @Test
  void aDayThatClocksBeginTwiceEndsAfterItsSecondTime() {
    ShopClock clock = new ShopClock(ZoneId.of("America/St_Johns"));
    int sixth = (int) LocalDate.of(2010, 11, 6).toEpochDay();

    assertEquals(sixth, clock.epochDay(millis("2010-11-07T02:29:59.999Z")));
    assertEquals(sixth + 1, clock.epochDay(millis("2010-11-07T02:30:00Z")));
    assertEquals(sixth, clock.epochDay(millis("2010-11-07T02:31:00Z")));
    assertEquals(millis("2010-11-07T03:30:00Z"), clock.dayEnd(sixth));
  }

  @Test
  void partsOfTheDayLeaveNothingOutAndDoNotOverlapInAnyZone() {
    Random random = new Random(11);
    for (String zone : ZoneId.getAvailableZoneIds()) {
      ShopClock clock = new ShopClock(ZoneId.of(zone));
      ShopClock other = new ShopClock(ZoneId.of(zone));
      for (int draw = 0; draw < 40; draw++) {
        long time =
            millis("1970-01-01T00:00:00Z") + random.nextLong(millis("2040-01-01T00:00:00Z"));
        for (long part : new long[] {HOUR, BUCKET}) {
          long start = clock.start(time, part);
          long end = clock.end(time, part);
          Supplier<String> where = () -> zone + " " + Instant.ofEpochMilli(time);
          assertTrue(start <= time && time < end && end - start <= part, where);
          assertEquals(end, other.start(end, part), where);
          assertEquals(start, other.end(start - 1, part), where);
          assertEquals(
              Math.floorDiv(clock.local(start), part),
              Math.floorDiv(clock.local(end - 1), part),
              where);
        }
      }
    }
  }

  @Test
  void minutesLieInOnePartEach() {
    for (String zone : ZoneId.getAvailableZoneIds()) {
      ShopClock clock = new ShopClock(ZoneId.of(zone));
      // From when Liberia gave up its offset of 44 minutes and 30 seconds.
      for (Instant time = Instant.parse("1972-01-08T00:00:00Z");
          time.isBefore(Instant.parse("2040-01-01T00:00:00Z")); ) {
        ZoneOffsetTransition change = ZoneId.of(zone).getRules().nextTransition(time);
        if (change == null) {
          break;
        }
        time = change.getInstant();
        for (long moment : new long[] {time.toEpochMilli() - 1, time.toEpochMilli()}) {
          assertEquals(0, Math.floorMod(clock.start(moment, BUCKET), 60_000), zone);
          assertEquals(0, Math.floorMod(clock.end(moment, BUCKET), 60_000), zone);
        }
      }
    }
  }

  private static LocalDateTime shown(ShopClock clock, long time) {
    return LocalDateTime.ofInstant(Instant.ofEpochMilli(clock.local(time)), ZoneOffset.UTC);
  }

  private static long millis(String time) {
    return Instant.parse(time).toEpochMilli();
  }
}
