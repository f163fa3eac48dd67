package io.footfall.flink.stock;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SalesHistoryTest {

  private static final long TEN = 10 * Rhythm.HOUR;
  private static final long MINUTE = 60_000;

  @Test
  void salesAreAddedUpByHour() {
    SalesHistory history = SalesHistory.of(null, TEN);
    history.add(TEN, 0, 50);
    history.add(TEN + 1, 2, 48);
    history.add(TEN + Rhythm.HOUR - 1, 3, 45);
    history.add(TEN + Rhythm.HOUR, 1, 44);

    SalesHistory copy = SalesHistory.of(history.pack(), TEN + 2 * Rhythm.HOUR);

    assertThat(copy.since).isEqualTo(TEN);
    assertThat(copy.at(10).sales).isEqualTo(2);
    assertThat(copy.at(10).units).isEqualTo(5);
    assertThat(copy.at(10).squares).isEqualTo(13);
    assertThat(copy.at(11).units).isEqualTo(1);
    assertThat(copy.at(12)).isNull();
  }

  @Test
  void timeWithoutStockIsNotedUntilSomethingComes() {
    SalesHistory history = SalesHistory.of(null, TEN);
    history.add(TEN + 50 * MINUTE, 1, 0);
    history.add(TEN + 60 * MINUTE, 0, -1);
    history = SalesHistory.of(history.pack(), TEN);
    history.add(TEN + 130 * MINUTE, 0, 9);
    history.add(TEN + 140 * MINUTE, 0, 8);

    assertThat(history.at(10).without).isEqualTo(10 * MINUTE);
    assertThat(history.at(11).without).isEqualTo(60 * MINUTE);
    assertThat(history.at(12).without).isEqualTo(10 * MINUTE);
  }

  @Test
  void whatIsSoldWithoutStockCouldBeSoldAllTheTime() {
    SalesHistory history = SalesHistory.of(null, TEN);
    history.add(TEN, 1, 0);
    history.add(TEN + 30 * MINUTE, 1, -1);

    assertThat(history.at(10).without).isZero();
    assertThat(history.at(10).units).isEqualTo(2);
  }

  @Test
  void hoursAreForgottenAfterAWeekHoweverLongNothingCame() {
    SalesHistory history = SalesHistory.of(null, TEN);
    history.add(TEN, 1, 0);
    history.add(TEN + 1000 * Rhythm.HOUR, 0, 5);
    assertThat(history.at(10)).isNull();

    for (int hour = 1000; hour < 2000; hour++) {
      history.add(TEN + hour * Rhythm.HOUR, 1, 5);
    }

    assertThat(history.at(1010)).isNull();
    assertThat(history.pack()).hasSizeLessThan(16 + (SalesHistory.HOURS + 1) * 8 + 1);
  }

  @Test
  void aSaleOfVeryManyUnitsFitsTheSquares() {
    SalesHistory history = SalesHistory.of(null, TEN);
    for (int sale = 0; sale < 1000; sale++) {
      history.add(TEN, 2_147_483_648L, 5);
    }

    assertThat(SalesHistory.of(history.pack(), TEN).at(10).units).isEqualTo(2_147_483_648L * 1000);
    assertThat(history.at(10).squares).isEqualTo(1_000_000_000_000L * 1000);
  }
}
