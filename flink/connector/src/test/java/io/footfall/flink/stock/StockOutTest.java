package io.footfall.flink.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.footfall.flink.clock.ShopClock;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class StockOutTest {

  private static final ShopClock UTC = new ShopClock(ZoneId.of("UTC"));
  private static final Rhythm FLAT = Rhythm.of(new long[24], 0);
  private static final long MINUTE = 60_000;
  private static final double Z = 1.2815515655446004;

  @Test
  void quantilesAreThoseOfAQuotientOfGammaDistributedNumbers() {
    // Found by drawing two million pairs.
    assertThat(StockOut.quantile(10, 10, -Z)).isCloseTo(0.558, within(0.003));
    assertThat(StockOut.quantile(10, 10, 0)).isCloseTo(1.000, within(0.003));
    assertThat(StockOut.quantile(10, 10, Z)).isCloseTo(1.793, within(0.003));
    assertThat(StockOut.quantile(50, 5, -Z)).isCloseTo(0.601, within(0.003));
    assertThat(StockOut.quantile(50, 5, Z)).isCloseTo(2.088, within(0.003));
    assertThat(StockOut.quantile(5, 50, 0)).isCloseTo(0.940, within(0.003));
    assertThat(StockOut.quantile(0.5, 0.5, -Z)).isBetween(0.0, 0.05);
  }

  @Test
  void anEvenSellerIsOutWhenItsUnitsAreSold() {
    StockOut forecast = forecast(evenly(200, 6), 200 * 6 * MINUTE, 100);

    assertThat(forecast.salesPerHour()).isCloseTo(10, within(0.1));
    assertThat(forecast.at()).isCloseTo((200 * 6 + 600) * MINUTE, within(15 * MINUTE));
    assertThat(forecast.earliest()).isLessThan(forecast.at() - 30 * MINUTE);
    assertThat(forecast.latest()).isGreaterThan(forecast.at() + 30 * MINUTE);
    assertThat(forecast.at() % MINUTE).isZero();
  }

  @Test
  void fewSalesOrALittleTimeSayNothing() {
    assertThat(forecast(evenly(4, 60), 240 * MINUTE, 9)).isNull();
    assertThat(forecast(evenly(5, 60), 300 * MINUTE, 9)).isNotNull();
    assertThat(forecast(evenly(9, 1), 9 * MINUTE, 9)).isNull();
    assertThat(forecast(evenly(10, 1), 10 * MINUTE, 9)).isNotNull();
  }

  @Test
  void withoutStockOnlyTheRateIsKnown() {
    StockOut forecast = forecast(evenly(9, 6), 54 * MINUTE, 0);

    assertThat(forecast.salesPerHour()).isCloseTo(10, within(0.01));
    assertThat(forecast.at()).isEqualTo(StockOut.BEYOND);
  }

  @Test
  void whatLastsLongerThanTwoWeeksIsNotForetold() {
    StockOut forecast = forecast(evenly(10, 60), 600 * MINUTE, 300);

    assertThat(forecast.earliest()).isLessThan(StockOut.BEYOND);
    assertThat(forecast.latest()).isEqualTo(StockOut.BEYOND);
    assertThat(forecast(evenly(10, 60), 600 * MINUTE, Integer.MAX_VALUE).earliest())
        .isEqualTo(StockOut.BEYOND);
  }

  @Test
  void theNewestSalesSayMostOfHowFastItSells() {
    SalesHistory history = evenly(168, 60);
    for (int sale = 1; sale <= 1680; sale++) {
      add(history, (10_080 + sale * 6L) * MINUTE, 1);
    }

    // A week of one an hour counts half of one of ten: (1 / 2 + 10) / (1 / 2 + 1).
    assertThat(forecast(history, 20_160 * MINUTE, 100).salesPerHour()).isCloseTo(7, within(0.05));
  }

  @Test
  void clumpsAndFitsMakeTheIntervalWider() {
    StockOut even = forecast(evenly(200, 6), 1200 * MINUTE, 100);
    SalesHistory clumps = evenly(0, 6);
    SalesHistory fits = evenly(0, 6);
    for (int sale = 1; sale <= 20; sale++) {
      add(clumps, sale * (60 * MINUTE), 10);
    }
    for (int sale = 1; sale <= 200; sale++) {
      add(fits, sale <= 100 ? sale * MINUTE : (1000 + sale) * MINUTE, 1);
    }

    assertThat(width(forecast(clumps, 1200 * MINUTE, 100))).isGreaterThan(width(even));
    assertThat(relativeWidth(fits)).isGreaterThan(relativeWidth(evenly(200, 6)));
  }

  @Test
  void hoursWithoutStockAreNoneInWhichNothingWasWanted() {
    SalesHistory history = evenly(0, 6);
    for (int sale = 1; sale <= 10; sale++) {
      history.add(sale * (6 * MINUTE), 1, 10 - sale, FLAT, UTC);
    }
    history.add(600 * MINUTE, 0, 50, FLAT, UTC);

    assertThat(forecast(history, 600 * MINUTE, 50).salesPerHour()).isCloseTo(10, within(0.1));
  }

  @Test
  void whatTheYearsHaveLeftNothingOfSaysNothing() {
    SalesHistory history = evenly(100, 6);
    for (int week = 1; week <= 100; week++) {
      history.add(week * (7 * 24 * Rhythm.HOUR), 0, 100, FLAT, UTC);
    }

    assertThat(forecast(history, 700 * 24 * Rhythm.HOUR, 100)).isNull();
  }

  private static StockOut forecast(SalesHistory history, long time, int quantity) {
    return StockOut.of(history, FLAT, UTC, time, quantity);
  }

  private static long width(StockOut forecast) {
    return forecast.latest() - forecast.earliest();
  }

  private static double relativeWidth(SalesHistory history) {
    long now = 1200 * MINUTE;
    StockOut forecast = forecast(history, now, 100);
    return width(forecast) / (double) (forecast.at() - now);
  }

  private static SalesHistory evenly(int sales, int minutes) {
    SalesHistory history = SalesHistory.of(null, 0);
    add(history, 0, 0);
    for (int sale = 1; sale <= sales; sale++) {
      add(history, sale * (minutes * MINUTE), 1);
    }
    return history;
  }

  private static void add(SalesHistory history, long time, long sold) {
    history.add(time, sold, 100, FLAT, UTC);
  }
}
