package io.footfall.flink.clock;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/**
 * The clock on the shop's wall, by the rules of its time zone at the very moment asked for: not the
 * offset of today.
 *
 * <p>Times are milliseconds since 1970, UTC. An hour of the clock (or ten minutes of it) is the
 * stretch in which the clock goes through it at one go: a change of clocks ends it early or has it
 * begin late, and an hour that is gone through again is another one. So hours neither overlap nor
 * leave anything out, whatever the zone does.
 *
 * <p>The offset last asked for is remembered with the stretch in which it holds: nearly every row
 * lies in the same one.
 */
public final class ShopClock {

  private static final long DAY = 24 * 60 * 60 * 1000L;

  private final ZoneId zone;
  private final ZoneRules rules;
  /** The clock goes without a change from the first to before the second of these. */
  private long from;

  private long until;
  private long offset;

  /** Makes the clock of a shop in this zone. */
  public ShopClock(ZoneId zone) {
    this.zone = zone;
    this.rules = zone.getRules();
  }

  /** What the clock shows, as if it stood in UTC. */
  public long local(long time) {
    find(time);
    return time + offset;
  }

  /** Day that the clock shows, counted from 1970. */
  public int epochDay(long time) {
    return (int) Math.floorDiv(local(time), DAY);
  }

  /**
   * Returns when the part of the day that lies around a time begins; parts are of so many
   * milliseconds of the clock.
   */
  public long start(long time, long part) {
    return Math.max(from(time), floor(time, part));
  }

  /** Returns when the part of the day that lies around a time is over. */
  public long end(long time, long part) {
    long start = floor(time, part);
    return Math.min(until, start + part);
  }

  /**
   * Returns when the clock never shows this day again: one set back just after midnight shows the
   * day before once more.
   */
  public long dayEnd(int epochDay) {
    LocalDate next = LocalDate.ofEpochDay(epochDay + 1L);
    ZonedDateTime midnight =
        ZonedDateTime.of(next, LocalTime.MIDNIGHT, zone).withLaterOffsetAtOverlap();
    return midnight.toInstant().toEpochMilli();
  }

  private long from(long time) {
    find(time);
    return from;
  }

  /** May lie before the last change of clocks. */
  private long floor(long time, long part) {
    return time - Math.floorMod(local(time), part);
  }

  private void find(long time) {
    if (time >= from && time < until) {
      return;
    }
    Instant moment = Instant.ofEpochMilli(time);
    ZoneOffsetTransition last = rules.previousTransition(moment.plusNanos(1));
    ZoneOffsetTransition next = rules.nextTransition(moment);
    from = last == null ? Long.MIN_VALUE : last.getInstant().toEpochMilli();
    until = next == null ? Long.MAX_VALUE : next.getInstant().toEpochMilli();
    offset = rules.getOffset(moment).getTotalSeconds() * 1000L;
  }
}
