package io.footfall.flink.shopper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.footfall.flink.state.StateBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentViewsTest {

  private static final long HALF_AN_HOUR = 30 * 60 * 1000L;

  private RecentViews views = new RecentViews();

  @Test
  void theFirstViewOfABucketAsksForItsEnd() {
    assertThat(add(0, "mug")).isEqualTo(4_999);
    assertThat(add(4_999, "pot")).isEqualTo(Long.MIN_VALUE);
    assertThat(add(5_000, "pan")).isEqualTo(9_999);
    assertThat(add(-1, "cup")).isEqualTo(-1);
  }

  @Test
  void eachViewIsPairedWithTheFiveBeforeIt() {
    for (int number = 0; number < 7; number++) {
      add(number, "p" + number);
    }

    List<String> pairs = pairs(10);

    assertThat(pairs).contains("p6: p1 p2 p3 p4 p5", "p1: p6").doesNotContain("p0: p6");
  }

  @Test
  void viewsOfOneProductOrTooFarApartAreNoPair() {
    add(0, "mug");
    add(1, "mug");
    add(HALF_AN_HOUR + 1, "pot");
    add(HALF_AN_HOUR + 2, "pan");

    assertThat(pairs(HALF_AN_HOUR + 2))
        .containsExactly("mug: pot", "pot: mug", "pot: pan", "pan: pot");
  }

  @Test
  void aViewThatCameLaterButHappenedEarlierIsPairedWhereItBelongs() {
    add(2, "pan");
    add(1, "mug");

    assertThat(pairs(0)).isEmpty();
    assertThat(views.isEmpty()).isFalse();
    assertThat(pairs(2)).containsExactly("mug: pan", "pan: mug");
    assertThat(views.isEmpty()).isTrue();
  }

  @Test
  void pairsAreOfTheBucketOfTheLaterView() {
    add(4_000, "mug");
    add(6_000, "pot");

    assertThat(views.pairsUntil(6_000))
        .extracting(RecentViews.Together::bucketEnd)
        .containsOnly(10_000L);
  }

  @Test
  void whatIsRememberedOutlivesPacking() {
    add(1, "mug");
    pairs(1);
    add(2, "pot");
    StateBuffer out = new StateBuffer();
    views.write(out);

    views = RecentViews.read(new StateBuffer(out.toBytes()));

    assertThat(pairs(2)).containsExactly("mug: pot", "pot: mug");
  }

  private long add(long time, String product) {
    return views.add(time, product.getBytes(UTF_8));
  }

  private List<String> pairs(long time) {
    List<String> pairs = new ArrayList<>();
    for (RecentViews.Together each : views.pairsUntil(time)) {
      List<String> related =
          each.related().stream().map(bytes -> new String(bytes, UTF_8)).toList();
      pairs.add(new String(each.product(), UTF_8) + ": " + String.join(" ", related));
    }
    return pairs;
  }
}
