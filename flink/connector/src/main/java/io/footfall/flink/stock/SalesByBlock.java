package io.footfall.flink.stock;

import io.footfall.flink.state.StateBuffer;

/**
 * What one product sold in blocks of hours: how much that varies beyond its rhythm.
 *
 * <p>The sums of squares and products say how far the blocks were from any pace, so no block is
 * kept.
 */
final class SalesByBlock {

  /** Hours of a block. */
  private static final int HOURS = 3;
  /** So many sales are made up that vary as sales usually do. */
  private static final double USUAL_SALES = 40;

  private static final double USUAL_DISPERSION = 1.3;

  /** Of the block that is not over. */
  private double unitsNow;

  private double timeNow;
  /** Of those that are. */
  private double units;

  private double time;
  private double unitsSquared;
  private double unitsByTime;
  private double timeSquared;

  static SalesByBlock read(StateBuffer in) {
    SalesByBlock blocks = new SalesByBlock();
    blocks.unitsNow = in.readDouble();
    blocks.timeNow = in.readDouble();
    blocks.units = in.readDouble();
    blocks.time = in.readDouble();
    blocks.unitsSquared = in.readDouble();
    blocks.unitsByTime = in.readDouble();
    blocks.timeSquared = in.readDouble();
    return blocks;
  }

  void write(StateBuffer out) {
    out.writeDouble(unitsNow);
    out.writeDouble(timeNow);
    out.writeDouble(units);
    out.writeDouble(time);
    out.writeDouble(unitsSquared);
    out.writeDouble(unitsByTime);
    out.writeDouble(timeSquared);
  }

  void add(long sold) {
    unitsNow += sold;
  }

  void pass(long sellingTime) {
    timeNow += sellingTime;
  }

  /**
   * Ends an hour.
   *
   * @param next the one that begins, counted from 1970
   * @param kept part that is kept of what is older
   */
  void endHour(long next, double kept) {
    units *= kept;
    time *= kept;
    unitsSquared *= kept;
    unitsByTime *= kept;
    timeSquared *= kept;
    if (next % HOURS == 0) {
      units += unitsNow;
      time += timeNow;
      unitsSquared += unitsNow * unitsNow;
      unitsByTime += unitsNow * timeNow;
      timeSquared += timeNow * timeNow;
      unitsNow = 0;
      timeNow = 0;
    }
  }

  /**
   * Returns the variance of what is sold in a block, divided by its mean.
   *
   * @param clump what it would be if sales came by chance: squares of the units of each, summed, by
   *     units
   */
  double dispersion(double clump) {
    double deviations = 0;
    double expected = 0;
    if (time > 0) {
      double pace = units / time;
      deviations = unitsSquared - 2 * pace * unitsByTime + pace * pace * timeSquared;
      expected = units;
    }
    double usual = USUAL_SALES * clump;
    double found =
        (Math.max(0, deviations) + usual * (USUAL_DISPERSION * clump)) / (expected + usual);
    return Math.max(clump, found);
  }
}
