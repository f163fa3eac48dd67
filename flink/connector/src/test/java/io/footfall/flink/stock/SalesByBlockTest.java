package io.footfall.flink.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.footfall.flink.state.StateBuffer;
import org.junit.jupiter.api.Test;

class SalesByBlockTest {

  private static final long SELLING_TIME = Rhythm.HOUR * Rhythm.AVERAGE;

  @Test
  void salesThatNobodyHasSeenVaryAsUsual() {
    assertThat(new SalesByBlock().dispersion(1)).isEqualTo(1.3);
    assertThat(new SalesByBlock().dispersion(4)).isEqualTo(1.3 * 4);
  }

  @Test
  void salesThatKeepToTheirPaceVaryLessButNotLessThanByChance() {
    assertThat(blocks(400, 5, 5).dispersion(1)).isEqualTo(1);
    assertThat(blocks(2, 5, 5).dispersion(1)).isCloseTo(52 / 50.0, within(1e-9));
  }

  @Test
  void blocksThatAreFarFromThePaceVaryMore() {
    // Of 0 and 20 by turns: pace 10, each 100 away from it in its square.
    assertThat(blocks(400, 0, 20).dispersion(1)).isCloseTo((40_000 + 52) / 4040.0, within(1e-9));
  }

  @Test
  void aBlockWithoutSellingTimeDoesNotVary() {
    SalesByBlock blocks = new SalesByBlock();
    for (int hour = 1; hour <= 3000; hour++) {
      blocks.pass(0);
      blocks.endHour(hour, 1);
    }

    assertThat(blocks.dispersion(1)).isEqualTo(1.3);
  }

  @Test
  void halfABlockOutlivesACheckpoint() {
    SalesByBlock whole = blocks(10, 3, 9);
    SalesByBlock part = blocks(10, 3, 9);
    for (SalesByBlock each : new SalesByBlock[] {whole, part}) {
      each.pass(SELLING_TIME);
      each.add(30);
    }
    StateBuffer out = new StateBuffer();
    part.write(out);
    SalesByBlock copy = SalesByBlock.read(new StateBuffer(out.toBytes()));
    whole.endHour(3, 0.5);
    copy.endHour(3, 0.5);

    assertThat(copy.dispersion(1)).isEqualTo(whole.dispersion(1));
    assertThat(copy.dispersion(1)).isNotEqualTo(blocks(10, 3, 9).dispersion(1));
  }

  /** Blocks of three average hours with so many sales by turns, of which none is forgotten. */
  private static SalesByBlock blocks(int count, int odd, int even) {
    SalesByBlock blocks = new SalesByBlock();
    for (int block = 0; block < count; block++) {
      blocks.add(block % 2 == 0 ? odd : even);
      for (int hour = 1; hour <= 3; hour++) {
        blocks.pass(SELLING_TIME);
        blocks.endHour(3L * block + hour, 1);
      }
    }
    return blocks;
  }
}
