package io.footfall.flink.stock;

import static org.assertj.core.api.Assertions.assertThat;

import io.footfall.flink.clock.ShopClock;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class RhythmTest {

  private static final ShopClock UTC = new ShopClock(ZoneId.of("UTC"));
  private static final long DAY = 24 * Rhythm.HOUR;

  @Test
  void aShopThatHasSoldNothingYetHasNoRhythm() {
    Rhythm flat = Rhythm.of(new long[24], 0);

    assertThat(flat.sellingTime(UTC, 0, DAY)).isEqualTo(DAY * Rhythm.AVERAGE);
    assertThat(flat.weight(3)).isEqualTo(Rhythm.AVERAGE);
  }

  @Test
  void anHourWeighsWhatIsSoldInItAndAroundIt() {
    long[] sales = new long[24];
    sales[0] = 2400;

    Rhythm rhythm = Rhythm.of(sales, 7);

    // Of 4 * 2448 parts, 4800 + 8 are of the hour, 2400 + 8 of each neighbour.
    assertThat(rhythm.weight(0)).isEqualTo(4808 * 24 * 1000 / 9792);
    assertThat(rhythm.weight(1)).isEqualTo(2408 * 24 * 1000 / 9792);
    assertThat(rhythm.weight(23)).isEqualTo(rhythm.weight(1));
    assertThat(rhythm.weight(12)).isEqualTo(8 * 24 * 1000 / 9792);
  }

  @Test
  void noHourWeighsNothing() {
    long[] sales = new long[24];
    sales[12] = 1_000_000_000;

    assertThat(Rhythm.of(sales, 7).weight(0)).isEqualTo(1);
  }

  @Test
  void aRhythmSurvivesItsWay() {
    long[] sales = new long[24];
    sales[5] = 77;
    Rhythm rhythm = Rhythm.of(sales, 7);

    Rhythm read = Rhythm.read(rhythm.toBytes());

    assertThat(read.variance()).isEqualTo(0.007);
    for (int hour = 0; hour < 24; hour++) {
      assertThat(read.weight(hour)).isEqualTo(rhythm.weight(hour));
    }
  }

  @Test
  void sellingTimeFollowsTheClockThroughItsChanges() {
    long[] sales = new long[24];
    sales[12] = 240;
    Rhythm rhythm = Rhythm.of(sales, 7);
    ShopClock berlin = new ShopClock(ZoneId.of("Europe/Berlin"));
    long spring = Instant.parse("2026-03-28T23:00:00Z").toEpochMilli();
    long days = rhythm.sellingTime(UTC, 0, DAY);

    // The day has no hour from two to three.
    assertThat(rhythm.sellingTime(berlin, spring, spring + 23 * Rhythm.HOUR))
        .isEqualTo(days - rhythm.weight(2) * Rhythm.HOUR);
    assertThat(rhythm.sellingTime(berlin, spring + 90 * 60_000, spring + 150 * 60_000))
        .isEqualTo(rhythm.weight(1) * Rhythm.HOUR / 2 + rhythm.weight(3) * Rhythm.HOUR / 2);
  }

  @Test
  void afterIsWhenTheSellingTimeHasPassed() {
    long[] sales = new long[24];
    sales[12] = 240;
    Rhythm rhythm = Rhythm.of(sales, 7);
    long from = 7 * Rhythm.HOUR + 1234;
    long to = 31 * Rhythm.HOUR + 4321;

    long passed = rhythm.sellingTime(UTC, from, to);

    assertThat(rhythm.after(UTC, from, passed, to + DAY)).isEqualTo(to);
    assertThat(rhythm.after(UTC, from, passed - 1, to + DAY)).isEqualTo(to);
    assertThat(rhythm.after(UTC, from, passed, to)).isEqualTo(to);
    assertThat(rhythm.after(UTC, from, passed, to - 1)).isEqualTo(Long.MAX_VALUE);
    assertThat(rhythm.after(UTC, from, Long.MAX_VALUE, to)).isEqualTo(Long.MAX_VALUE);
    assertThat(rhythm.after(UTC, from, 0, to)).isEqualTo(from);
  }
}
