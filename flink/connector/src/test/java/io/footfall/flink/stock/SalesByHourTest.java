package io.footfall.flink.stock;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SalesByHourTest {

  @Test
  void aDaysRhythmIsThatOfTheWholeDaysBeforeIt() {
    SalesByHour sales = new SalesByHour();
    sell(sales, 100, 3, 500);
    sell(sales, 101, 12, 500);
    sell(sales, 102, 20, 500);

    assertThat(sales.rhythm(102).weight(12)).isGreaterThan(Rhythm.AVERAGE);
    assertThat(sales.rhythm(102).weight(3)).as("the first day").isLessThan(Rhythm.AVERAGE);
    assertThat(sales.rhythm(102).weight(20)).as("the day itself").isLessThan(Rhythm.AVERAGE);
    assertThat(sales.rhythm(101).weight(3)).isEqualTo(Rhythm.AVERAGE);
    assertThat(new SalesByHour().rhythm(5).weight(0)).isEqualTo(Rhythm.AVERAGE);
  }

  @Test
  void daysCountForAWeek() {
    SalesByHour sales = new SalesByHour();
    sell(sales, 100, 3, 1);
    sell(sales, 101, 12, 500);
    sell(sales, 108, 3, 1);

    assertThat(sales.rhythm(108).weight(12)).isGreaterThan(Rhythm.AVERAGE);
    assertThat(sales.rhythm(109).weight(12)).isLessThanOrEqualTo(Rhythm.AVERAGE);
  }

  @Test
  void daysThatDifferMoreThanByChanceSaySo() {
    SalesByHour even = new SalesByHour();
    SalesByHour uneven = new SalesByHour();
    for (int day = 100; day < 105; day++) {
      sell(even, day, 3, day % 2 == 0 ? 95 : 105);
      sell(uneven, day, 3, day % 2 == 0 ? 50 : 150);
    }

    // Three days of the usual 0.03 among four of none.
    assertThat(even.rhythm(105).variance()).isEqualTo(0.012);
    // Of 150, 50, 150, 50: mean 100, variance 3333, of which chance explains 100.
    assertThat(uneven.rhythm(105).variance()).isEqualTo(0.197);
    assertThat(uneven.rhythm(102).variance()).as("one whole day").isEqualTo(0.03);
    assertThat(new SalesByHour().rhythm(5).variance()).isEqualTo(0.03);
  }

  @Test
  void whatIsCountedOutlivesACheckpointAndIsBounded() {
    SalesByHour sales = new SalesByHour();
    sell(sales, 100, 3, 1);
    sell(sales, 101, 12, 500);
    SalesByHour copy = SalesByHour.of(sales.pack());

    assertThat(copy.rhythm(102).toBytes()).isEqualTo(sales.rhythm(102).toBytes());

    for (int day = 102; day < 200; day++) {
      copy.add(day, 1);
    }
    assertThat(copy.pack()).hasSizeLessThan(10 * (24 * 8 + 4));
  }

  private static void sell(SalesByHour sales, int day, int hour, int times) {
    for (int time = 0; time < times; time++) {
      sales.add(day, hour);
    }
  }
}
