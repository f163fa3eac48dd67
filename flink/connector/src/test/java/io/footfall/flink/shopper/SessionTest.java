package io.footfall.flink.shopper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.footfall.flink.state.StateBuffer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionTest {

  @Test
  void aVisitEarnsEachCurrencyApart() {
    Session session = new Session(0);
    buy(session, "pan", "SEK", "199.00");
    buy(session, "pot", "EUR", "8.9955");
    buy(session, "pan", "SEK", "1.50");

    assertEquals(List.of("EUR 8.995500", "SEK 200.500000"), AmountsTest.shown(session.revenue()));
    assertEquals(2, session.productsBought());
  }

  @Test
  void whatWasBoughtForNothingIsBoughtAndNoCartIsAbandoned() {
    Session session = new Session(0);
    session.cart(bytes("pan"), 0, true);
    assertTrue(session.isCartAbandoned());

    buy(session, "pan", "EUR", "0");

    assertFalse(session.isCartAbandoned());
    assertEquals(List.of("EUR 0.000000"), AmountsTest.shown(session.revenue()));
  }

  @Test
  void visitsThatTurnOutToBeOneAddUpByCurrency() {
    Session session = new Session(0);
    buy(session, "pan", "EUR", "1.00");
    buy(session, "pan", "SEK", "10.00");
    Session later = new Session(Session.GAP);
    buy(later, "pan", "SEK", "0.000001");
    buy(later, "cup", "USD", "3.00");

    session.merge(later);

    assertEquals(
        List.of("EUR 1.000000", "SEK 10.000001", "USD 3.000000"),
        AmountsTest.shown(session.revenue()));
    assertEquals(2, session.productsBought());
    assertEquals(Session.GAP, session.end);
  }

  @Test
  void aVisitSurvivesPackingWithWhatItEarnedAndEarnsMore() {
    Session session = new Session(7);
    session.add(9);
    session.view(bytes("pot"));
    buy(session, "pan", "SEK", "21474836469978525163.530000");
    buy(session, "pan", "EUR", "0.000001");

    Session copy = Session.read(packed(session));
    buy(copy, "cup", "EUR", "0.000001");

    assertEquals(
        List.of("EUR 0.000002", "SEK 21474836469978525163.530000"),
        AmountsTest.shown(copy.revenue()));
    assertEquals(List.of(7L, 9L, 1L), List.of(copy.start, copy.end, copy.actions));
    assertEquals(List.of(1L, 2L), List.of(copy.productsViewed(), copy.productsBought()));
  }

  @Test
  void aVisitWithoutPurchaseEarnsNoCurrencyAtAll() {
    Session copy = Session.read(packed(new Session(0)));

    assertEquals(List.of(), AmountsTest.shown(copy.revenue()));
    assertFalse(copy.isCartAbandoned());
  }

  @Test
  void anAbandonedCartIsWorthWhatTheNewestFailedPaymentsOfItsProductsWouldHaveEarned() {
    Session session = new Session(0);
    session.cart(bytes("pot"), 0, true);
    session.cart(bytes("pan"), 1, true);
    session.cart(bytes("jar"), 1, true);
    tryToBuy(session, "pot", 4, "EUR", "2.00");
    Session copy = Session.read(packed(session));
    tryToBuy(copy, "pot", 3, "EUR", "1.00");
    tryToBuy(copy, "pan", 4, "SEK", "5.00");
    tryToBuy(copy, "hat", 4, "USD", "9.00");
    copy.view(bytes("jar"));
    copy = Session.read(packed(copy));

    assertEquals(List.of("EUR 2.000000", "SEK 5.000000"), AmountsTest.shown(copy.cartValue()));
    assertEquals(List.of("jar", "pan", "pot"), texts(copy.cart()));
    assertEquals(3, copy.productsInCart());
  }

  @Test
  void aViewStepsOverWhatIsKnownOfFailedPayments() {
    Session session = new Session(0);
    tryToBuy(session, "pot", 4, "EUR", "2.00");
    Session copy = Session.read(packed(session));

    copy.view(bytes("pan"));
    copy.view(bytes("pan"));

    assertEquals(1, copy.productsViewed());
  }

  @Test
  void visitsThatTurnOutToBeOneKeepTheNewestFailedPayment() {
    Session session = new Session(0);
    session.cart(bytes("pot"), 0, true);
    tryToBuy(session, "pot", 1, "EUR", "1.00");
    Session later = new Session(Session.GAP);
    tryToBuy(later, "pot", Session.GAP, "EUR", "2.00");

    Session earlier = Session.read(packed(session));
    session.merge(Session.read(packed(later)));
    later.merge(earlier);

    assertEquals(List.of("EUR 2.000000"), AmountsTest.shown(session.cartValue()));
    assertEquals(List.of("EUR 2.000000"), AmountsTest.shown(later.cartValue()));
  }

  @Test
  void ofAFullCartTheNewestProductsAreNamed() {
    Session session = new Session(0);
    for (int time = 0; time <= Session.NAMED; time++) {
      session.cart(bytes("p" + time), time, true);
    }

    assertEquals(Session.NAMED, session.cart().size());
    assertEquals("p" + Session.NAMED, texts(session.cart()).get(0));
    assertEquals(Session.NAMED + 1, session.productsInCart());
  }

  private static List<String> texts(List<byte[]> texts) {
    return texts.stream().map(text -> new String(text, StandardCharsets.UTF_8)).toList();
  }

  private static void tryToBuy(
      Session session, String product, long time, String currency, String earns) {
    session.tryToBuy(bytes(product), time, bytes(currency), new BigDecimal(earns));
  }

  private static void buy(Session session, String product, String currency, String earned) {
    session.buy(bytes(product), bytes(currency), new BigDecimal(earned));
  }

  private static StateBuffer packed(Session session) {
    StateBuffer out = new StateBuffer();
    session.write(out);
    return new StateBuffer(out.toBytes());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
