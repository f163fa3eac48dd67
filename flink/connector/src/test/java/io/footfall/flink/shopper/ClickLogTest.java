package io.footfall.flink.shopper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.footfall.flink.state.StateBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.flink.table.api.dataview.MapView;
import org.junit.jupiter.api.Test;

class ClickLogTest {

  private static final long DEDUP = 1_000;
  private static final long ATTRIBUTION = 5_000;
  private static final ClickLifetimes LIFETIMES = new ClickLifetimes(DEDUP, ATTRIBUTION);
  private static final long NO_WATERMARK = Long.MIN_VALUE / 2;

  private final MapView<Integer, byte[]> away = new MapView<>();
  private ClickLog log = new ClickLog();

  @Test
  void anIdIsADuplicateUpToTheWindowAfterItWasCounted() throws Exception {
    add("e1", 100);

    assertThat(isDuplicate("e1", 100 + DEDUP)).isTrue();
    assertThat(isDuplicate("e1", 100 + DEDUP + 1)).isFalse();
    assertThat(isDuplicate("e2", 100)).isFalse();
  }

  @Test
  void anEventBeforeTheOneThatWasCountedIsADuplicateHoweverEarlyItIs() throws Exception {
    add("e1", 100_000);

    assertThat(isDuplicate("e1", 0)).isTrue();
  }

  @Test
  void olderClicksAreWrittenAwayAndFoundThere() throws Exception {
    addMany(100);

    assertThat(away.getMap()).isNotEmpty();
    for (int number = 0; number < 100; number++) {
      assertThat(isDuplicate("e" + number, number)).as("e" + number).isTrue();
    }
  }

  @Test
  void whatIsWrittenAwayIsAskedForOnlyWhereAnIdMayLie() throws Exception {
    addMany(100);
    away.getMap().replaceAll((number, bytes) -> null);

    assertThat(isDuplicate("none", 100)).isFalse();
  }

  @Test
  void clicksAreShownFromATimeOn() throws Exception {
    addMany(100);

    List<Long> times = new ArrayList<>();
    log.forEachSince(90, away, click -> times.add(click.time()));

    assertThat(times).contains(90L, 99L).doesNotContain(0L);
  }

  @Test
  void whatNoLongerMattersIsForgottenFirstAsAnIdThenAsACause() throws Exception {
    addMany(100);
    int chunks = away.getMap().size();

    log.prune(DEDUP + 100, LIFETIMES, away);
    assertThat(isDuplicate("e0", 0)).as("as an id").isFalse();
    assertThat(away.getMap()).hasSize(chunks);

    log.prune(ATTRIBUTION + 100, LIFETIMES, away);
    assertThat(away.getMap()).isEmpty();
  }

  @Test
  void whatNoLongerMattersIsNotWrittenAway() throws Exception {
    for (int number = 0; number < 200; number++) {
      log.add(click("e" + number, number, false), 10_000_000, LIFETIMES, away);
    }

    assertThat(away.getMap()).isEmpty();
  }

  @Test
  void onlyAProductClickMattersForAsLongAsACauseDoes() throws Exception {
    long watermark = DEDUP + 1_000;
    for (int number = 0; number < 33; number++) {
      log.add(
          click("e" + number, number, number % 2 == 0),
          number < 32 ? NO_WATERMARK : watermark,
          LIFETIMES,
          away);
    }

    List<Boolean> kinds = new ArrayList<>();
    StateBuffer in = new StateBuffer(away.get(0));
    while (in.hasMore()) {
      kinds.add(Click.read(in).isProductClick());
    }
    assertThat(kinds).hasSize(12).containsOnly(true);
  }

  @Test
  void anEmptyLogIsNeededByNobody() throws Exception {
    assertThat(log.neededUntil(LIFETIMES)).isEqualTo(Long.MIN_VALUE);

    add("e1", 100);
    add("e0", 50);

    assertThat(log.neededUntil(LIFETIMES)).isEqualTo(100 + ATTRIBUTION);
    assertThat(log.neededUntil(new ClickLifetimes(9_000, 1))).isEqualTo(9_100);
  }

  @Property(tries = 100)
  void itKnowsWhatASimpleMapKnowsAndOutlivesPacking(
      @ForAll @Size(max = 150) List<@IntRange(max = 60) Integer> ids,
      @ForAll @IntRange(min = 1, max = 100) int step)
      throws Exception {
    MapView<Integer, byte[]> chunks = new MapView<>();
    ClickLog packed = new ClickLog();
    Map<Integer, List<Long>> known = new HashMap<>();
    long time = 0;
    for (int id : ids) {
      time += step;
      long now = time;
      boolean expected =
          known.getOrDefault(id, List.of()).stream().anyMatch(counted -> now <= counted + DEDUP);
      byte[] bytes = ("e" + id).getBytes(UTF_8);

      assertThat(packed.isDuplicate(bytes, now, DEDUP, chunks)).isEqualTo(expected);

      if (!expected) {
        known.computeIfAbsent(id, ignored -> new ArrayList<>()).add(now);
        packed.add(click("e" + id, now, id % 2 == 0), now - 200, LIFETIMES, chunks);
        packed = copy(packed);
      }
    }
  }

  private void addMany(int count) throws Exception {
    for (int number = 0; number < count; number++) {
      add("e" + number, number);
    }
    log = copy(log);
  }

  private void add(String id, long time) throws Exception {
    log.add(click(id, time, true), NO_WATERMARK, LIFETIMES, away);
  }

  private boolean isDuplicate(String id, long time) throws Exception {
    return log.isDuplicate(id.getBytes(UTF_8), time, DEDUP, away);
  }

  private static Click click(String id, long time, boolean isProductClick) {
    return new Click(time, isProductClick, id.getBytes(UTF_8), null, null);
  }

  private static ClickLog copy(ClickLog log) {
    StateBuffer out = new StateBuffer();
    log.write(out);
    return ClickLog.read(new StateBuffer(out.toBytes()));
  }
}
