package io.footfall.flink.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.footfall.flink.clock.ShopClock;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class SalesHistoryTest {

  private static final ShopClock UTC = new ShopClock(ZoneId.of("UTC"));
  private static final Rhythm FLAT = Rhythm.of(new long[24], 0);
  private static final long TEN = 10 * Rhythm.HOUR;
  private static final long MINUTE = 60_000;
  private static final double AVERAGE_HOUR = Rhythm.HOUR * Rhythm.AVERAGE;

  @Test
  void halfIsLeftAfterAWeek() {
    SalesHistory history = SalesHistory.of(null, TEN);
    add(history, TEN, 8, 50);
    add(history, TEN + 168 * Rhythm.HOUR, 0, 50);

    assertThat(history.units()).isCloseTo(4, within(1e-12));
    assertThat(history.sales()).isEqualTo(1);
    // Of an hour that lies behind n ends of hours, so much is left: a geometric series.
    double kept = Math.pow(0.5, 1 / 168.0);
    assertThat(history.sellingTime() / AVERAGE_HOUR)
        .isCloseTo(kept * (1 - 0.5) / (1 - kept), within(1e-9));
  }

  @Test
  void whatComesInBetweenChangesNothing() {
    SalesHistory often = SalesHistory.of(null, TEN);
    SalesHistory once = SalesHistory.of(null, TEN);
    add(often, TEN, 8, 50);
    add(once, TEN, 8, 50);
    for (int minute = 1; minute <= 600; minute++) {
      often = SalesHistory.of(often.pack(), 0);
      add(often, TEN + minute * MINUTE, 0, 50);
    }
    add(once, TEN + 600 * MINUTE, 0, 50);

    assertThat(often.pack()).isEqualTo(once.pack());
  }

  @Test
  void timePassesAsTheRhythmSays() {
    long[] sales = new long[24];
    sales[10] = 100;
    SalesHistory history = SalesHistory.of(null, TEN);
    history.add(TEN, 0, 50, FLAT, UTC);
    Rhythm rhythm = Rhythm.of(sales, 0);
    history.add(TEN + 30 * MINUTE, 0, 50, rhythm, UTC);

    assertThat(history.sellingTime()).isEqualTo(30.0 * MINUTE * rhythm.weight(10));
  }

  @Test
  void timeWithoutStockIsNone() {
    SalesHistory history = SalesHistory.of(null, TEN);
    add(history, TEN, 0, 5);
    add(history, TEN + 10 * MINUTE, 1, 0);
    add(history, TEN + 20 * MINUTE, 0, -1);
    history = SalesHistory.of(history.pack(), TEN);
    add(history, TEN + 30 * MINUTE, 0, 9);
    add(history, TEN + 40 * MINUTE, 0, 8);

    assertThat(history.sellingTime()).isEqualTo(20.0 * MINUTE * Rhythm.AVERAGE);
  }

  @Test
  void whatIsSoldWithoutStockCouldBeSoldAllTheTime() {
    SalesHistory history = SalesHistory.of(null, TEN);
    add(history, TEN, 1, 0);
    add(history, TEN + 30 * MINUTE, 1, -1);

    assertThat(history.sellingTime()).isEqualTo(30.0 * MINUTE * Rhythm.AVERAGE);
    assertThat(history.units()).isEqualTo(2);
  }

  @Test
  void aStockThatDidNotMoveForFourWeeksBeginsAnew() {
    SalesHistory history = SalesHistory.of(null, TEN);
    add(history, TEN, 7, 50);
    add(history, TEN + SalesHistory.FORGOTTEN, 0, 50);
    assertThat(history.units()).isCloseTo(7 / 16.0, within(1e-12));

    add(history, TEN + 2 * SalesHistory.FORGOTTEN + 1, 3, 47);

    SalesHistory anew = SalesHistory.of(null, TEN + 2 * SalesHistory.FORGOTTEN + 1);
    add(anew, TEN + 2 * SalesHistory.FORGOTTEN + 1, 3, 47);
    assertThat(history.pack()).isEqualTo(anew.pack());
  }

  @Test
  void itTakesNoMoreRoomHoweverMuchIsSold() {
    SalesHistory history = SalesHistory.of(null, TEN);
    for (int hour = 0; hour < 2000; hour++) {
      add(history, TEN + hour * Rhythm.HOUR, 2_147_483_648L, 5);
    }

    assertThat(history.pack()).hasSizeLessThan(100);
    assertThat(history.dispersion()).isBetween(1e9, 1e12);
  }

  @Test
  void salesOfSeveralUnitsAreAClump() {
    SalesHistory history = SalesHistory.of(null, TEN);
    add(history, TEN, 1, 9);
    add(history, TEN, 3, 6);

    assertThat(history.dispersion()).isEqualTo(1.3 * (1 + 9) / 4);
  }

  private static void add(SalesHistory history, long time, long sold, int quantity) {
    history.add(time, sold, quantity, FLAT, UTC);
  }
}
