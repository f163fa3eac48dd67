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
    assertThat(forecast(evenly(5, 1), 9 * MINUTE, 9)).isNull();
    assertThat(forecast(evenly(5, 1), 10 * MINUTE, 9)).isNotNull();
  }

  @Test
  void withoutStockOnlyTheRateIsKnown() {
    StockOut forecast = forecast(evenly(10, 6), 60 * MINUTE, 0);

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
  void theNewestHundredSalesSayHowFastItSells() {
    SalesHistory history = evenly(30, 60);
    for (int sale = 0; sale < 300; sale++) {
      history.add(1800 * MINUTE + sale * 36_000L, 1, 500);
    }

    assertThat(forecast(history, 1980 * MINUTE, 100).salesPerHour()).isCloseTo(100, within(1.0));
  }

  @Test
  void clumpsAndFitsMakeTheIntervalWider() {
    StockOut even = forecast(evenly(200, 6), 1200 * MINUTE, 100);
    SalesHistory clumps = SalesHistory.of(null, 0);
    SalesHistory fits = SalesHistory.of(null, 0);
    for (int sale = 1; sale <= 20; sale++) {
      clumps.add(sale * (60 * MINUTE), 10, 100);
    }
    for (int sale = 1; sale <= 200; sale++) {
      fits.add(sale <= 100 ? sale * MINUTE : 1100 * MINUTE + (sale - 100) * MINUTE, 1, 100);
    }

    assertThat(width(forecast(clumps, 1200 * MINUTE, 100))).isGreaterThan(width(even));
    assertThat(relativeWidth(fits)).isGreaterThan(relativeWidth(evenly(200, 6)));
  }

  @Test
  void hoursWithoutStockAreNoneInWhichNothingWasWanted() {
    SalesHistory history = SalesHistory.of(null, 0);
    for (int sale = 1; sale <= 10; sale++) {
      history.add(sale * (6 * MINUTE), 1, 10 - sale);
    }
    history.add(600 * MINUTE, 0, 50);

    assertThat(forecast(history, 600 * MINUTE, 50).salesPerHour()).isCloseTo(10, within(0.01));
  }

  @Test
  void blocksInWhichNothingCouldBeSoldDoNotVary() {
    SalesHistory history = SalesHistory.of(null, 0);
    for (int sale = 1; sale <= 10; sale++) {
      history.add(sale * (3 * MINUTE), 1, 10 - sale);
    }
    history.add((12 * 60 * 6 + 1) * MINUTE, 0, 5000);

    assertThat(forecast(history, (12 * 60 * 6 + 1) * MINUTE, 200).at()).isLessThan(StockOut.BEYOND);
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
    for (int sale = 1; sale <= sales; sale++) {
      history.add(sale * (minutes * MINUTE), 1, 100);
    }
    return history;
  }
}
