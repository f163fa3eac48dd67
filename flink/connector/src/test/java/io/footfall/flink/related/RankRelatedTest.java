package io.footfall.flink.related;

import static org.assertj.core.api.Assertions.assertThat;

import io.footfall.flink.harness.FunctionHarness;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.StaticArgument;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RankRelatedTest {

  private static final long BUCKET = 5_000;
  private static final long WEEK = Duration.ofDays(7).toMillis();
  private static final long MEMORY = 4 * WEEK;
  private static final long MONDAY = Instant.parse("2026-03-02T10:00:00Z").toEpochMilli();

  private FunctionHarness harness;

  @BeforeEach
  void open() throws Exception {
    harness = opened(null, BUCKET);
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void theBestAreWrittenOnceWhenTheBucketIsOver() throws Exception {
    harness
        .row(views("mug", MONDAY, "pot", "pan"))
        .row(views("mug", MONDAY, "pot"))
        .watermark(MONDAY - 2);
    assertThat(harness.output()).isEmpty();

    harness.watermark(MONDAY - 1);

    List<Map<String, Object>> rows = harness.output();
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0)).containsEntry("product_id", "mug").containsEntry("as_of", MONDAY);
    assertThat(rows.get(0).get("related"))
        .isEqualTo(List.of(
            Map.of("product_id", "pot", "score", 2.0, "support", 2L, "rank", 1L),
            Map.of("product_id", "pan", "score", 1.0, "support", 1L, "rank", 2L)));
  }

  @Test
  void aCoViewOfTheWeekBeforeCountsHalf() throws Exception {
    harness.row(views("mug", MONDAY, "pot")).watermark(MONDAY);
    harness.output();

    harness.row(views("mug", MONDAY + WEEK, "pot")).watermark(MONDAY + WEEK);

    assertThat(ranked()).containsExactly("pot 1.5 2");
  }

  @Test
  void onlyTwentyAreWritten() throws Exception {
    for (int number = 10; number < 40; number++) {
      harness.row(views("mug", MONDAY, "p" + number));
    }
    harness.row(views("mug", MONDAY, "p39")).watermark(MONDAY);

    assertThat(ranked())
        .hasSize(20)
        .startsWith("p39 2.0 2", "p10 1.0 1", "p11 1.0 1")
        .endsWith("p28 1.0 1");
  }

  @Test
  void whatIsOlderThanTheMemoryIsForgotten() throws Exception {
    harness.row(views("mug", MONDAY, "pot")).watermark(MONDAY);
    harness.output();

    harness.row(views("mug", MONDAY + MEMORY + BUCKET, "pan")).watermark(MONDAY + MEMORY + BUCKET);

    assertThat(ranked()).containsExactly("pan 1.0 1");
  }

  @Test
  void manyRowsAreAddedUpToTotalsWithTheSameResult() throws Exception {
    for (int number = 0; number < 100; number++) {
      long bucketEnd = MONDAY + number * BUCKET;
      harness.row(views("mug", bucketEnd, "p" + number % 7)).watermark(bucketEnd - 1);
    }

    List<String> ranked = ranked();
    assertThat(ranked.subList(ranked.size() - 7, ranked.size()))
        .containsExactly(
            "p0 15.0 15",
            "p1 15.0 15",
            "p2 14.0 14",
            "p3 14.0 14",
            "p4 14.0 14",
            "p5 14.0 14",
            "p6 14.0 14");
  }

  @Test
  void aRowOfABucketThatIsNotOverWaits() throws Exception {
    for (int number = 0; number < 40; number++) {
      harness.row(views("mug", MONDAY, "pot"));
    }
    harness.row(views("mug", MONDAY + BUCKET, "pan")).watermark(MONDAY);
    assertThat(ranked()).containsExactly("pot 40.0 40");

    harness.watermark(MONDAY + BUCKET);

    assertThat(ranked()).containsExactly("pot 40.0 40", "pan 1.0 1");
  }

  @Test
  void aLongerIntervalTellsLessOftenAndInTheEndTheSame() throws Exception {
    Random random = new Random(7);
    try (FunctionHarness rarely = opened(null, 12 * BUCKET)) {
      long now = MONDAY;
      for (int number = 0; number < 400; number++) {
        // Pauses of about the memory among them: what is forgotten is the same, too.
        now += BUCKET * (1 + random.nextInt(30))
            + (random.nextInt(20) == 0 ? MEMORY - 20 * BUCKET : 0);
        String[] others = {"p" + random.nextInt(30), "p" + random.nextInt(30)};
        harness.row(views("mug", now, others));
        rarely.row(views("mug", now, others));
        harness.watermark(now - 1);
        rarely.watermark(now - 1);
      }
      harness.watermark(now + 12 * BUCKET);
      rarely.watermark(now + 12 * BUCKET);

      List<Map<String, Object>> often = told(harness);
      List<Map<String, Object>> rare = told(rarely);
      assertThat(often).hasSize(400);
      assertThat(rare).hasSizeBetween(100, 399);
      // Every row that is told rarely is one of those that are told often.
      assertThat(often).containsAll(rare);
      assertThat(rare.get(rare.size() - 1)).isEqualTo(often.get(often.size() - 1));
    }
  }

  @Test
  void productsAreRankedApart() throws Exception {
    harness.row(views("mug", MONDAY, "pot")).row(views("pot", MONDAY, "mug")).watermark(MONDAY);

    assertThat(harness.output()).extracting("product_id").containsExactlyInAnyOrder("mug", "pot");
  }

  @Test
  void totalsOutliveACheckpoint() throws Exception {
    for (int number = 0; number < 40; number++) {
      harness.row(views("mug", MONDAY, "pot"));
    }
    harness.watermark(MONDAY);
    OperatorSubtaskState state = harness.snapshot();

    try (FunctionHarness restored = opened(state, BUCKET)) {
      restored.row(views("mug", MONDAY + BUCKET, "pot")).watermark(MONDAY + BUCKET);

      assertThat(ranked(restored)).containsExactly("pot 41.0 41");
    }
  }

  private static FunctionHarness opened(OperatorSubtaskState state, long interval)
      throws Exception {
    StaticArgument pairs = new RankRelated()
        .getTypeInference(null)
        .getStaticArguments()
        .orElseThrow()
        .get(0);
    DataType table = pairs.getDataType().orElseThrow();
    return FunctionHarness.open(new RankRelated(), table, 0, 1, state, MEMORY, interval);
  }

  /** What is written, without when that was. */
  private static List<Map<String, Object>> told(FunctionHarness harness) {
    List<Map<String, Object>> rows = harness.output();
    rows.forEach(row -> row.remove("rowtime"));
    return rows;
  }

  private List<String> ranked() {
    return ranked(harness);
  }

  /** Products with score and support, of all rows. */
  private static List<String> ranked(FunctionHarness harness) {
    List<String> ranked = new ArrayList<>();
    for (Map<String, Object> row : harness.output()) {
      for (Object each : (List<?>) row.get("related")) {
        Map<?, ?> related = (Map<?, ?>) each;
        ranked.add(
            related.get("product_id") + " " + related.get("score") + " " + related.get("support"));
      }
    }
    return ranked;
  }

  private static GenericRowData views(String product, long bucketEnd, String... related) {
    Object[] others = new Object[related.length];
    for (int index = 0; index < others.length; index++) {
      others[index] = StringData.fromString(related[index]);
    }
    return GenericRowData.of(
        TimestampData.fromEpochMillis(bucketEnd - 1),
        StringData.fromString(product),
        new GenericArrayData(others),
        TimestampData.fromEpochMillis(bucketEnd));
  }
}
