package io.footfall.flink.shopper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.footfall.flink.Packed;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionTest {

  @Test
  void aVisitEarnsEachCurrencyApart() {
    Session visit = new Session(0);
    buy(visit, "pan", "SEK", "199.00");
    buy(visit, "pot", "EUR", "8.9955");
    buy(visit, "pan", "SEK", "1.50");

    assertEquals(List.of("EUR 8.995500", "SEK 200.500000"), AmountsTest.shown(visit.revenue()));
    assertEquals(2, visit.productsBought());
  }

  @Test
  void whatWasBoughtForNothingIsBoughtAndNoCartIsAbandoned() {
    Session visit = new Session(0);
    visit.cart(bytes("pan"), 0, true);
    assertTrue(visit.isCartAbandoned());

    buy(visit, "pan", "EUR", "0");

    assertFalse(visit.isCartAbandoned());
    assertEquals(List.of("EUR 0.000000"), AmountsTest.shown(visit.revenue()));
  }

  @Test
  void visitsThatTurnOutToBeOneAddUpByCurrency() {
    Session visit = new Session(0);
    buy(visit, "pan", "EUR", "1.00");
    buy(visit, "pan", "SEK", "10.00");
    Session later = new Session(Session.GAP);
    buy(later, "pan", "SEK", "0.000001");
    buy(later, "cup", "USD", "3.00");

    visit.merge(later);

    assertEquals(List.of("EUR 1.000000", "SEK 10.000001", "USD 3.000000"), AmountsTest.shown(visit.revenue()));
    assertEquals(2, visit.productsBought());
    assertEquals(Session.GAP, visit.end);
  }

  @Test
  void aVisitSurvivesPackingWithWhatItEarnedAndEarnsMore() {
    Session visit = new Session(7);
    visit.add(9);
    visit.view(bytes("pot"));
    buy(visit, "pan", "SEK", "21474836469978525163.530000");
    buy(visit, "pan", "EUR", "0.000001");

    Session copy = Session.read(packed(visit));
    buy(copy, "cup", "EUR", "0.000001");

    assertEquals(List.of("EUR 0.000002", "SEK 21474836469978525163.530000"), AmountsTest.shown(copy.revenue()));
    assertEquals(List.of(7L, 9L, 1L), List.of(copy.start, copy.end, copy.actions));
    assertEquals(List.of(1L, 2L), List.of(copy.productsViewed(), copy.productsBought()));
  }

  @Test
  void aVisitWithoutPurchaseEarnsNoCurrencyAtAll() {
    Session copy = Session.read(packed(new Session(0)));

    assertEquals(List.of(), AmountsTest.shown(copy.revenue()));
    assertFalse(copy.isCartAbandoned());
  }

  private static void buy(Session visit, String product, String currency, String earned) {
    visit.buy(bytes(product), bytes(currency), new BigDecimal(earned));
  }

  private static Packed packed(Session visit) {
    Packed out = new Packed();
    visit.write(out);
    return new Packed(out.toBytes());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
