package io.footfall.flink.shopper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.footfall.flink.harness.FunctionHarness;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.DataType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The per-user processor in Flink's operator: real keyed state, timers and watermarks. */
class ProcessUserEventsTest {

  private static final long TEN = Instant.parse("2026-03-02T10:00:00Z").toEpochMilli();
  private static final long SECOND = 1_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long DEDUP_WINDOW = 10 * MINUTE;
  private static final long ATTRIBUTION_WINDOW = Duration.ofHours(2).toMillis();
  private static final long CHECKOUT_DEDUP_WINDOW = Duration.ofHours(3).toMillis();
  private static final long DAY_END = Instant.parse("2026-03-03T00:00:00Z").toEpochMilli();

  private FunctionHarness harness;

  @BeforeEach
  void open() throws Exception {
    harness = opened(null, true);
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void anActionIsPassedOnAtOnce() throws Exception {
    harness.row(action("ann", "e1", TEN, "product_view", "mug"));

    assertThat(of("action"))
        .containsExactly(Map.of(
            "user_id",
            "ann",
            "event_id",
            "e1",
            "action",
            "product_view",
            "product_id",
            "mug",
            "first_in_minute",
            true,
            "first_window",
            1,
            "last_window",
            5));
  }

  @Test
  void onlyTheFirstOfAUsersRowsInAMinuteIsMarked() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "page_view", null))
        .row(action("ann", "e2", TEN + 59 * SECOND, "page_view", null))
        .row(action("bob", "e3", TEN + 59 * SECOND, "page_view", null))
        .row(action("ann", "e4", TEN + 60 * SECOND, "page_view", null));

    assertThat(of("action")).extracting("first_in_minute").containsExactly(true, false, true, true);
  }

  @Test
  void aUsersRowTellsInWhichOfTheWindowsOfFiveMinutesItIsTheFirst() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "page_view", null))
        .row(action("ann", "e2", TEN + 2 * MINUTE, "page_view", null))
        .row(action("ann", "e3", TEN + 2 * MINUTE, "page_view", null))
        .row(action("ann", "e4", TEN + MINUTE, "page_view", null))
        .watermark(TEN + 6 * MINUTE)
        .row(action("ann", "e5", TEN + 6 * MINUTE + 1, "page_view", null));

    assertThat(of("action"))
        .map(row -> tuple(row.get("first_window"), row.get("last_window")))
        .containsExactly(
            tuple(1, 5), tuple(4, 5), tuple(null, null), tuple(null, null), tuple(2, 5));
  }

  @Test
  void aCheckoutTellsOfItAtOnceThoughItWaitsItself() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "page_view", null))
        .row(checkout("ann", "c1", TEN + MINUTE, "mug", "10.00"))
        .row(checkout("ann", "c2", TEN + MINUTE, "mug", "10.00"));

    List<Map<String, Object>> rows = harness.output();
    assertThat(rows).extracting(ProcessUserEventsTest::kind).containsExactly("action", "arrival");
    assertThat(rows.get(1))
        .containsEntry("user_id", "ann")
        .containsEntry("first_window", 5)
        .containsEntry("last_window", 5)
        .containsEntry("rowtime", TEN + MINUTE);
  }

  @Test
  void aSecondActionOfAnIdIsADuplicateWithinTheWindow() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "page_view", null))
        .row(action("ann", "e1", TEN + DEDUP_WINDOW, "page_view", null))
        .row(action("bob", "e1", TEN, "page_view", null))
        .row(action("ann", "e1", TEN + DEDUP_WINDOW + 1, "page_view", null));

    List<Map<String, Object>> rows = harness.output();
    assertThat(rows)
        .extracting(ProcessUserEventsTest::kind)
        .containsExactly("action", "duplicate", "action", "action");
    assertThat(rows.get(1)).containsEntry("event_id", "e1").doesNotContainKey("first_in_minute");
  }

  @Test
  void aDuplicateIsKnownHoweverManyActionsLieBetween() throws Exception {
    for (int number = 0; number < 200; number++) {
      harness.row(action("ann", "e" + number, TEN + number, "page_view", null));
    }
    harness.output();

    for (int number = 0; number < 200; number++) {
      harness.row(action("ann", "e" + number, TEN + 1_000, "page_view", null));
    }

    assertThat(harness.output()).hasSize(200).allMatch(row -> kind(row).equals("duplicate"));
  }

  @Test
  void aCheckoutWaitsUntilNoEarlierClickCanCome() throws Exception {
    harness.row(checkout("ann", "c1", TEN, "mug", "10.00")).watermark(TEN - 1);
    assertThat(of("checkout")).isEmpty();

    harness.row(action("ann", "e1", TEN, "product_click", "mug", "mail")).watermark(TEN);

    Map<String, Object> checkout = of("checkout").get(0);
    assertThat(checkout)
        .containsEntry("checkout_id", "c1")
        .containsEntry("unit_price", "10.00")
        .containsEntry("click_id", "e1")
        .containsEntry("click_time", TEN)
        .containsEntry("first_channel", "mail");
  }

  @Test
  void aCheckoutIsCreditedToTheFirstClickOnItsProductAndTheChannelOfTheFirstOfAll()
      throws Exception {
    harness
        .row(action("ann", "old", TEN - ATTRIBUTION_WINDOW - 1, "product_click", "mug", "tv"))
        .row(action("ann", "pot", TEN - ATTRIBUTION_WINDOW, "product_view", "pot", "ads"))
        .row(action("ann", "page", TEN - 40 * MINUTE, "page_view", "mug", "push"))
        .row(action("ann", "second", TEN - 20 * MINUTE, "product_click", "mug", "mail"))
        .row(action("ann", "first", TEN - 30 * MINUTE, "product_view", "mug", "mail"))
        .row(checkout("ann", "c1", TEN, "mug", "10.00"))
        .row(action("ann", "later", TEN + 1, "product_click", "mug", "mail"))
        .row(action("bob", "other", TEN - 50 * MINUTE, "product_click", "mug", "tv"))
        .watermark(TEN);

    assertThat(of("checkout"))
        .singleElement()
        .satisfies(row -> assertThat(row)
            .containsEntry("click_id", "first")
            .containsEntry("first_channel", "ads"));
  }

  @Test
  void aCheckoutWithoutAClickIsCreditedToNone() throws Exception {
    harness.row(checkout("ann", "c1", TEN, "mug", "10.00")).watermark(TEN);

    assertThat(of("checkout"))
        .singleElement()
        .satisfies(
            row -> assertThat(row).doesNotContainKeys("click_id", "click_time", "first_channel"));
  }

  @Test
  void aSecondCheckoutOfAnIdIsADuplicateWithinTheWindow() throws Exception {
    harness
        .row(checkout("ann", "c1", TEN, "mug", "10.00"))
        .row(checkout("ann", "c1", TEN + CHECKOUT_DEDUP_WINDOW, "mug", "10.00"))
        .row(checkout("ann", "c1", TEN + CHECKOUT_DEDUP_WINDOW + 1, "mug", "10.00"))
        .watermark(TEN + CHECKOUT_DEDUP_WINDOW + 1);

    List<Map<String, Object>> rows = harness.output();
    assertThat(rows).filteredOn(row -> kind(row).equals("duplicate")).hasSize(1);
    assertThat(rows).filteredOn(row -> kind(row).equals("checkout")).hasSize(2);
  }

  @Test
  void aSessionEndsHalfAnHourAfterItsLastRow() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "product_view", "mug"))
        .row(action("ann", "e2", TEN + 30 * MINUTE, "add_to_cart", "pot"))
        .row(checkout("ann", "c1", TEN + 40 * MINUTE, "mug", "10.00"))
        .watermark(TEN + 70 * MINUTE - 1);
    assertThat(of("session")).isEmpty();

    harness.watermark(TEN + 70 * MINUTE);

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("user_id", "ann");
    expected.put("session_start", TEN);
    expected.put("session_end", TEN + 40 * MINUTE);
    expected.put("actions", 3L);
    expected.put("products_viewed", 1L);
    expected.put("products_carted", 1L);
    expected.put("products_bought", 1L);
    expected.put("session_revenue", List.of(Map.of("currency", "EUR", "amount", "10.000000")));
    expected.put("abandoned_cart", false);
    expected.put("cart", List.of());
    expected.put("cart_value", List.of());
    assertThat(of("session")).containsExactly(expected);
  }

  @Test
  void aCartThatNothingWasBoughtFromIsAbandoned() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "add_to_cart", "mug"))
        .row(action("bob", "e2", TEN, "add_to_cart", "mug"))
        .row(action("bob", "e3", TEN + 1, "remove_from_cart", "mug"))
        .watermark(TEN + 31 * MINUTE);

    Map<Object, Object> abandoned = new LinkedHashMap<>();
    Map<Object, Object> carts = new LinkedHashMap<>();
    of("session").forEach(row -> {
      abandoned.put(row.get("user_id"), row.get("abandoned_cart"));
      carts.put(row.get("user_id"), row.get("cart"));
    });
    assertThat(abandoned).containsOnly(Map.entry("ann", true), Map.entry("bob", false));
    assertThat(carts).containsOnly(Map.entry("ann", List.of("mug")), Map.entry("bob", List.of()));
  }

  @Test
  void aFailedPaymentEarnsNothing() throws Exception {
    harness.row(checkout("ann", "c1", TEN, "mug", "10.00", "failed")).watermark(TEN + 31 * MINUTE);

    assertThat(of("session"))
        .singleElement()
        .satisfies(row -> assertThat(row)
            .containsEntry("session_revenue", List.of())
            .containsEntry("products_bought", 0L));
  }

  @Test
  void anAbandonedCartIsWorthWhatItsFailedPaymentsWouldHaveEarned() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "add_to_cart", "mug"))
        .row(checkout("ann", "c1", TEN, "mug", "10.00", "failed"))
        .watermark(TEN + 31 * MINUTE);

    assertThat(of("session"))
        .singleElement()
        .satisfies(row -> assertThat(row)
            .containsEntry("products_in_cart", 1L)
            .containsEntry(
                "cart_value", List.of(Map.of("currency", "EUR", "amount", "10.000000"))));
  }

  @Test
  void aRowBetweenTwoSessionsMakesThemOne() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "page_view", null))
        .row(action("ann", "e3", TEN + 50 * MINUTE, "page_view", null))
        .row(action("ann", "e2", TEN + 25 * MINUTE, "page_view", null))
        .watermark(TEN + 90 * MINUTE);

    assertThat(of("session"))
        .singleElement()
        .satisfies(row -> assertThat(row)
            .containsEntry("session_start", TEN)
            .containsEntry("session_end", TEN + 50 * MINUTE)
            .containsEntry("actions", 3L));
  }

  @Test
  void viewsArePairedInTheOrderOfTheirTimesWhenTheirBucketIsOver() throws Exception {
    harness
        .row(action("ann", "e2", TEN + 2 * SECOND, "product_view", "pot"))
        .row(action("ann", "e1", TEN + SECOND, "product_view", "mug"))
        .watermark(TEN + 5 * SECOND - 2);
    assertThat(of("co_view")).isEmpty();

    harness.watermark(TEN + 5 * SECOND - 1);

    assertThat(of("co_view"))
        .containsExactly(
            Map.of(
                "user_id",
                "ann",
                "product_id",
                "mug",
                "related",
                List.of("pot"),
                "bucket_end",
                TEN + 5 * SECOND),
            Map.of(
                "user_id",
                "ann",
                "product_id",
                "pot",
                "related",
                List.of("mug"),
                "bucket_end",
                TEN + 5 * SECOND));
  }

  @Test
  void withoutPairsNoViewIsPaired() throws Exception {
    try (FunctionHarness without = opened(null, false)) {
      without
          .row(action("ann", "e1", TEN, "product_view", "mug"))
          .row(action("ann", "e2", TEN + 1, "product_view", "pot"))
          .watermark(TEN + 2 * MINUTE);

      assertThat(without.output())
          .extracting(ProcessUserEventsTest::kind)
          .doesNotContain("co_view");
    }
  }

  @Test
  void aUserIsFirstSeenOnceADay() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "page_view", null))
        .row(action("ann", "e2", TEN + 20 * MINUTE, "page_view", null))
        .watermark(TEN + 10 * MINUTE - 1)
        .watermark(DAY_END);

    int day = (int) (TEN / Duration.ofDays(1).toMillis());
    assertThat(of("first_of_day")).containsExactly(Map.of("user_id", "ann", "day", day));
  }

  @Test
  void aUserIsForgottenWhenNothingMattersAnyMore() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "product_view", "mug"))
        .row(checkout("ann", "c1", TEN, "mug", "10.00"))
        .watermark(DAY_END);
    assertThat(harness.timers()).isZero();
    harness.output();

    // Were anything left of ann, this would be a duplicate.
    harness.row(action("ann", "e1", TEN, "page_view", null));

    assertThat(of("action")).hasSize(1);
  }

  @Test
  void whatIsRememberedOutlivesACheckpoint() throws Exception {
    harness
        .row(action("ann", "e1", TEN, "product_click", "mug", "mail"))
        .row(checkout("ann", "c1", TEN + 1, "mug", "10.00"));
    OperatorSubtaskState state = harness.snapshot();

    try (FunctionHarness restored = opened(state, true)) {
      restored.row(action("ann", "e1", TEN + 2, "product_click", "mug", "mail")).watermark(TEN + 1);

      List<Map<String, Object>> rows = restored.output();
      assertThat(rows)
          .extracting(ProcessUserEventsTest::kind)
          .containsExactly("duplicate", "checkout");
      assertThat(rows.get(1)).containsEntry("click_id", "e1");
    }
  }

  private static FunctionHarness opened(OperatorSubtaskState state, boolean withPairs)
      throws Exception {
    return FunctionHarness.open(
        new ProcessUserEvents(),
        ShopEvent.TYPE,
        0,
        2,
        state,
        DEDUP_WINDOW,
        ATTRIBUTION_WINDOW,
        CHECKOUT_DEDUP_WINDOW,
        "UTC",
        withPairs);
  }

  /** What has been written of one kind, without what is the same for all rows of it. */
  private List<Map<String, Object>> of(String kind) {
    return harness.output().stream()
        .filter(row -> kind(row).equals(kind))
        .map(row -> {
          row.keySet().removeIf(column -> column.startsWith("is_") || column.equals("rowtime"));
          if (!kind.equals("session")) {
            row.keySet().removeAll(List.of("session_revenue", "cart", "cart_value"));
          }
          return row;
        })
        .toList();
  }

  private static String kind(Map<String, Object> row) {
    return row.entrySet().stream()
        .filter(each -> each.getKey().startsWith("is_") && each.getValue().equals(true))
        .map(each -> each.getKey().substring("is_".length()))
        .reduce((one, other) -> one + "," + other)
        .orElseThrow();
  }

  private static GenericRowData action(
      String user, String id, long time, String action, String product) {
    return action(user, id, time, action, product, null);
  }

  private static GenericRowData action(
      String user, String id, long time, String action, String product, String channel) {
    return row(time, user, Map.of("event_id", id, "action", action), product, channel);
  }

  private static GenericRowData checkout(
      String user, String id, long time, String product, String price) {
    return checkout(user, id, time, product, price, "succeeded");
  }

  private static GenericRowData checkout(
      String user, String id, long time, String product, String price, String status) {
    GenericRowData row = row(
        time,
        user,
        Map.of("checkout_id", id, "currency", "EUR", "payment_status", status),
        product,
        null);
    row.setField(column("quantity"), 1);
    row.setField(column("unit_price"), DecimalData.fromBigDecimal(new BigDecimal(price), 12, 2));
    return row;
  }

  private static GenericRowData row(
      long time, String user, Map<String, String> texts, String product, String channel) {
    GenericRowData row = new GenericRowData(DataType.getFieldCount(ShopEvent.TYPE));
    row.setField(column("event_time"), TimestampData.fromEpochMillis(time));
    row.setField(column("user_id"), StringData.fromString(user));
    row.setField(column("product_id"), StringData.fromString(product));
    row.setField(column("channel"), StringData.fromString(channel));
    texts.forEach((column, text) -> row.setField(column(column), StringData.fromString(text)));
    return row;
  }

  private static int column(String name) {
    return DataType.getFieldNames(ShopEvent.TYPE).indexOf(name);
  }
}
