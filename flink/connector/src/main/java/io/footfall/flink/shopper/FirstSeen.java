package io.footfall.flink.shopper;

import io.footfall.flink.clock.ShopClock;
import io.footfall.flink.state.StateBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * When one user was first seen: in a minute and in the five minutes that slide by one, as its rows
 * are read; in a day of the shop, once no earlier row can come.
 */
final class FirstSeen {

  private static final long MINUTE = 60_000;
  /** Minutes in a window of those that slide by one. */
  private static final int WINDOW = 5;
  /** Length of the buckets by which a day's visitors are counted, by the shop's clock. */
  private static final long BUCKET = 10 * MINUTE;

  /**
   * Which of the five windows that hold a minute are meant, numbered from 1 in the order of their
   * ends: window {@code n} ends {@code n} minutes after the minute has begun.
   *
   * @param first the first of them
   * @param last the last of them; less than the first if there are none
   */
  record Windows(int first, int last) {
    boolean areNone() {
      return first > last;
    }
  }

  private static final class Day {
    final int epochDay;
    final long end;
    long bucketEnd;
    boolean told;

    Day(int epochDay, long end, long bucketEnd) {
      this.epochDay = epochDay;
      this.end = end;
      this.bucketEnd = bucketEnd;
    }
  }

  private final List<Long> minutes = new ArrayList<>();
  private final List<Day> days = new ArrayList<>();

  /**
   * Notes a row and returns the windows that hold it and no row noted before; null if one of its
   * minute was.
   */
  Windows noteMinute(long time) {
    long minute = Math.floorDiv(time, MINUTE);
    long covered = minute;
    long last = minute + WINDOW;
    for (long other : minutes) {
      if (other == minute) {
        return null;
      }
      if (other < minute) {
        covered = Math.max(covered, other + WINDOW);
      } else {
        last = Math.min(last, other);
      }
    }
    minutes.add(minute);
    return new Windows((int) (covered - minute) + 1, (int) (last - minute));
  }

  /**
   * Notes a row and returns when it is known to be the day's first, or {@link Long#MIN_VALUE} if
   * another is.
   */
  long note(long time, ShopClock clock) {
    int epochDay = clock.epochDay(time);
    long bucketEnd = clock.end(time, BUCKET);
    for (Day day : days) {
      if (day.epochDay == epochDay) {
        if (day.told || bucketEnd >= day.bucketEnd) {
          return Long.MIN_VALUE;
        }
        day.bucketEnd = bucketEnd;
        return bucketEnd - 1;
      }
    }
    days.add(new Day(epochDay, clock.dayEnd(epochDay), bucketEnd));
    return bucketEnd - 1;
  }

  /** Returns the days, counted from 1970, whose first row is now known; each is returned once. */
  List<Integer> firstSeenBy(long time) {
    List<Integer> known = List.of();
    for (Day day : days) {
      if (!day.told && day.bucketEnd - 1 <= time) {
        day.told = true;
        known = known.isEmpty() ? new ArrayList<>() : known;
        known.add(day.epochDay);
      }
    }
    return known;
  }

  void prune(long watermark) {
    if (!minutes.isEmpty()) {
      minutes.removeIf(minute -> (minute + WINDOW) * MINUTE <= watermark);
    }
    for (Iterator<Day> each = days.iterator(); each.hasNext(); ) {
      if (each.next().end <= watermark) {
        each.remove();
      }
    }
  }

  /** When the last of it stops to matter. */
  long neededUntil() {
    long until = Long.MIN_VALUE;
    for (Day day : days) {
      until = Math.max(until, day.end);
    }
    return until;
  }

  void write(StateBuffer out) {
    out.writeSize(minutes.size());
    minutes.forEach(out::writeLong);
    out.writeSize(days.size());
    for (Day day : days) {
      out.writeInt(day.epochDay);
      out.writeLong(0); // where state of earlier versions has a number that is not needed
      out.writeLong(day.end);
      out.writeLong(day.bucketEnd);
      out.writeByte(day.told ? 1 : 0);
    }
  }

  static FirstSeen read(StateBuffer in) {
    FirstSeen firstSeen = new FirstSeen();
    for (int left = in.readSize(); left > 0; left--) {
      firstSeen.minutes.add(in.readLong());
    }
    for (int left = in.readSize(); left > 0; left--) {
      int epochDay = in.readInt();
      in.skip(Long.BYTES);
      Day day = new Day(epochDay, in.readLong(), in.readLong());
      day.told = in.readByte() == 1;
      firstSeen.days.add(day);
    }
    return firstSeen;
  }
}
