package io.footfall.flink.related;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.footfall.flink.state.StateBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelatedTest {

  private static final long WEEK = Duration.ofDays(7).toMillis();
  private static final long MEMORY = 4 * WEEK;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0001-01-01",
        "1970-01-01",
        "2001-09-09",
        "2005-05-30",
        "2026-01-05",
        "2045-09-01",
        "2100-01-01",
        "9999-12-20"
      })
  void aCoViewCountsOneInItsWeekAndHalfInTheNextWheneverThatIs(String day) {
    long bucketEnd = moment(day);

    Related related = of("pan");
    related.add(bucketEnd, MEMORY);
    assertEquals(1, related.scoreAsOf(Weeks.begin(bucketEnd)));
    related.add(bucketEnd + WEEK, MEMORY);

    assertEquals(1.5, related.scoreAsOf(Weeks.begin(bucketEnd + WEEK)));
    assertEquals(2, related.support);
  }

  @Test
  void weeksBeginOnMondays() {
    Related related = of("pan");

    related.add(moment("2026-01-04"), MEMORY);
    related.add(moment("2026-01-05") - 1, MEMORY);
    related.add(moment("2026-01-05"), MEMORY);

    assertEquals(2, related.scoreAsOf(Weeks.begin(moment("2026-01-05"))));
  }

  @Test
  void theOrderOfCoViewsDoesNotMatter() {
    long now = moment("2026-03-02");
    Related forwards = of("pan");
    Related backwards = of("pan");

    for (int week = 0; week < 4; week++) {
      forwards.add(now + week * WEEK, MEMORY);
      backwards.add(now + (3 - week) * WEEK, MEMORY);
    }

    assertEquals(1.875, forwards.scoreAsOf(Weeks.begin(now + 3 * WEEK)));
    assertEquals(1.875, backwards.scoreAsOf(Weeks.begin(now + 3 * WEEK)));
  }

  @Test
  void whatWasNotSeenForLongerThanTheMemoryBeginsAnew() {
    Related related = of("pan");

    related.add(moment("2001-09-09"), MEMORY);
    related.add(moment("2001-09-09") + MEMORY, MEMORY);

    assertEquals(1, related.support);
    assertEquals(1, related.scoreAsOf(Weeks.begin(related.last)));
  }

  @Test
  void oldCoViewsAreRankedByTheirNumberAndAge() {
    long old = moment("1970-01-15");
    TopK best = new TopK(2, old);
    Related twice = of("twice");
    twice.add(old, MEMORY);
    twice.add(old, MEMORY);
    Related once = of("once");
    once.add(old, MEMORY);
    Related earlier = of("earlier");
    earlier.add(old - WEEK, MEMORY);

    List.of(earlier, once, twice).forEach(best::offer);

    assertEquals(List.of(twice, once), best.inOrder());
  }

  @Test
  void totalsOfferWhatMayBeAmongTheBestAndForgetWhatIsOld() {
    long now = moment("2003-03-03");
    Related[] known = {of("a"), of("b"), of("c")};
    known[0].add(now - 5 * WEEK, MEMORY);
    for (int times = 0; times < 3; times++) {
      known[1].add(now - 2 * WEEK, MEMORY);
    }
    known[2].add(now, MEMORY);
    byte[] packed = new CoViewTotals(null, now - MEMORY)
        .with(new Related[] {known[1], known[2]}, new StateBuffer());

    TopK best = new TopK(2, now);
    new CoViewTotals(packed, now - MEMORY).read(new Related[0], best);

    List<Related> found = best.inOrder();
    assertEquals(2, found.size());
    assertEquals("c", text(found.get(0)));
    assertEquals("b", text(found.get(1)));
    assertEquals(0.75, found.get(1).scoreAsOf(Weeks.begin(now)));
    byte[] forgotten =
        new CoViewTotals(null, now - MEMORY).with(new Related[] {known[0]}, new StateBuffer());
    assertEquals(0, forgotten.length);
  }

  private static Related of(String product) {
    return new Related(product.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Related related) {
    return new String(related.product, StandardCharsets.UTF_8);
  }

  private static long moment(String day) {
    return Instant.parse(day + "T00:00:00Z").toEpochMilli();
  }
}
