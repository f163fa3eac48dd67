package io.footfall.flink.source;

import java.io.Serializable;
import java.lang.reflect.Field;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.clock.RelativeClock;
import org.apache.flink.util.clock.SystemClock;

/**
 * What a table's {@code WATERMARK FOR} says of one row.
 *
 * <p>Flink compiles the expression and hides it in a generator that keeps the newest watermark
 * only. What is needed here is each row's own: one that is ahead of the clock must not be taken for
 * all that come after it.
 */
final class RowTimes {

  /**
   * Field of Flink's generator that holds the compiled expression; RowTimesTest fails when an
   * upgrade moves it.
   */
  private static final String COMPILED = "innerWatermarkGenerator";

  private final org.apache.flink.table.runtime.generated.WatermarkGenerator compiled;
  private final int reason;

  private RowTimes(
      org.apache.flink.table.runtime.generated.WatermarkGenerator compiled, int reason) {
    this.compiled = compiled;
    this.reason = reason;
  }

  /**
   * @param strategy the table's, as the planner pushed it into the source
   * @param reason number of the column that holds why a message could not be read; such rows have
   *     no time; -1: none
   */
  static RowTimes of(WatermarkStrategy<RowData> strategy, int reason, MetricGroup metrics) {
    WatermarkGenerator<RowData> generator = strategy.createWatermarkGenerator(new Context(metrics));
    try {
      Field field = generator.getClass().getDeclaredField(COMPILED);
      field.setAccessible(true);
      return new RowTimes(
          (org.apache.flink.table.runtime.generated.WatermarkGenerator) field.get(generator),
          reason);
    } catch (ReflectiveOperationException | ClassCastException other) {
      throw new IllegalStateException(
          "no watermark of single rows in " + generator.getClass().getName()
              + "; leave scan.watermark.idle-timeout and table.exec.source.idle-timeout unset",
          other);
    }
  }

  /** The row's watermark in milliseconds; null if it has none. */
  Long watermark(RowData row) throws Exception {
    return reason >= 0 && !row.isNullAt(reason) ? null : compiled.currentWatermark(row);
  }

  /** The row's time in milliseconds. */
  long time(RowData row) throws Exception {
    return compiled.extractTimestamp(row);
  }

  private record Context(MetricGroup metrics)
      implements WatermarkGeneratorSupplier.Context, Serializable {

    @Override
    public MetricGroup getMetricGroup() {
      return metrics;
    }

    @Override
    public RelativeClock getInputActivityClock() {
      return SystemClock.getInstance();
    }
  }
}
