package io.footfall.flink.shopper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.footfall.flink.state.StateBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClickTest {

  @ParameterizedTest
  @CsvSource({"true, mug, mail", "true, mug,", "true,, mail", "false,,"})
  void aClickOutlivesPackingAndIsSteppedOver(
      boolean isProductClick, String product, String channel) {
    Click click = new Click(-7, isProductClick, bytes("e1"), bytes(product), bytes(channel));
    StateBuffer out = new StateBuffer();
    click.write(out);
    out.writeByte(42);

    assertThat(Click.read(new StateBuffer(out.toBytes())))
        .usingRecursiveComparison()
        .isEqualTo(click);
    for (String id : new String[] {"e1", "e2"}) {
      StateBuffer in = new StateBuffer(out.toBytes());
      assertThat(Click.readTimeIfId(in, bytes(id)))
          .isEqualTo(id.equals("e1") ? -7 : Long.MIN_VALUE);
      assertThat(in.readByte()).isEqualTo((byte) 42);
    }
  }

  @Test
  void theEarlierComesFirstAndAtTheSameTimeTheSmallerIdInUtf8() {
    assertThat(click(1, "b").isBefore(null)).isTrue();
    assertThat(click(1, "b").isBefore(click(2, "a"))).isTrue();
    assertThat(click(2, "a").isBefore(click(1, "b"))).isFalse();
    assertThat(click(1, "a").isBefore(click(1, "b"))).isTrue();
    assertThat(click(1, "z").isBefore(click(1, "é"))).isTrue();
    assertThat(click(1, "a").isBefore(click(1, "a"))).isFalse();
  }

  @Test
  void aCauseIsTheFirstProductClickOnTheProductWithinTheWindow() {
    Attribution attribution = new Attribution(1_000, 500, bytes("mug"));

    attribution.accept(new Click(499, true, bytes("early"), bytes("mug"), null));
    attribution.accept(new Click(700, false, bytes("page"), bytes("mug"), null));
    attribution.accept(new Click(900, true, bytes("second"), bytes("mug"), null));
    attribution.accept(new Click(500, true, bytes("pot"), bytes("pot"), null));
    attribution.accept(new Click(800, true, bytes("first"), bytes("mug"), null));
    attribution.accept(new Click(1_001, true, bytes("late"), bytes("mug"), null));

    assertThat(attribution.cause().id()).isEqualTo(bytes("first"));
    assertThat(attribution.first().id()).isEqualTo(bytes("pot"));
  }

  @Test
  void aCheckoutOfNoProductHasNoCause() {
    Attribution attribution = new Attribution(1_000, 500, null);

    attribution.accept(new Click(1_000, true, bytes("e1"), null, null));

    assertThat(attribution.cause()).isNull();
    assertThat(attribution.first().id()).isEqualTo(bytes("e1"));
  }

  private static Click click(long time, String id) {
    return new Click(time, true, bytes(id), null, null);
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(UTF_8);
  }
}
