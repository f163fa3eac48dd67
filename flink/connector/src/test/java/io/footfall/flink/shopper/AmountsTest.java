package io.footfall.flink.shopper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.footfall.flink.state.StateBuffer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.RowData;
import org.junit.jupiter.api.Test;

class AmountsTest {

  /** The dearest price, the highest quantity, and the least discount that there is. */
  private static final BigDecimal MOST = new BigDecimal("9999999999.99")
      .multiply(new BigDecimal(Integer.MAX_VALUE))
      .multiply(new BigDecimal("0.9999"));

  @Test
  void twoCurrenciesNeverMeetAndStandInTheOrderOfTheirCodes() {
    Amounts amounts = new Amounts();
    add(amounts, "SEK", "100.00");
    add(amounts, "EUR", "0.01");
    add(amounts, "USD", "7");
    add(amounts, "SEK", "0.50");

    assertEquals(List.of("EUR 0.010000", "SEK 100.500000", "USD 7.000000"), shown(amounts));
  }

  @Test
  void theSmallestPartsAddUp() {
    Amounts amounts = new Amounts();
    for (int count = 0; count < 1_000_000; count++) {
      add(amounts, "EUR", "0.000001");
    }

    assertEquals(List.of("EUR 1.000000"), shown(amounts));
  }

  @Test
  void whatOneColumnCanHoldAtMostIsHeldExactly() {
    Amounts amounts = new Amounts();
    for (int count = 0; count < 1_000; count++) {
      amounts.add(code("EUR"), MOST);
    }

    assertEquals(
        List.of("EUR " + MOST.multiply(new BigDecimal(1_000)).toPlainString()), shown(amounts));
  }

  @Test
  void anAmountOfMorePlacesIsRefusedInsteadOfRounded() {
    assertThrows(ArithmeticException.class, () -> add(new Amounts(), "EUR", "0.0000001"));
  }

  @Test
  void nothingOfACurrencyIsAnAmountAndNoneIsNone() {
    Amounts amounts = new Amounts();

    assertEquals(List.of(), shown(amounts));
    add(amounts, "EUR", "0");
    assertEquals(List.of("EUR 0.000000"), shown(amounts));
  }

  @Test
  void othersAreAddedToEachOfTheirCurrencies() {
    Amounts amounts = new Amounts();
    add(amounts, "EUR", "1");
    add(amounts, "SEK", "2");
    Amounts others = new Amounts();
    add(others, "SEK", "0.000001");
    add(others, "CHF", "4");

    amounts.addAll(others);
    amounts.addAll(new Amounts());

    assertEquals(List.of("CHF 4.000000", "EUR 1.000000", "SEK 2.000001"), shown(amounts));
    assertEquals(List.of("CHF 4.000000", "SEK 0.000001"), shown(others));
  }

  @Test
  void theySurvivePackingAndWhatIsWrittenBehindThemIsRead() {
    Map<String, BigDecimal> given = new LinkedHashMap<>();
    given.put("CHF", BigDecimal.ZERO);
    given.put("EUR", MOST);
    given.put("SEK", new BigDecimal("0.000001"));
    given.put("USD", new BigDecimal("-0.01"));
    Amounts amounts = new Amounts();
    given.forEach((currency, amount) -> amounts.add(code(currency), amount));
    StateBuffer out = new StateBuffer();
    amounts.write(out);
    new Amounts().write(out);
    out.writeLong(42);

    StateBuffer in = new StateBuffer(out.toBytes());
    Amounts copy = Amounts.read(in);
    Amounts none = Amounts.read(in);

    assertEquals(shown(amounts), shown(copy));
    assertEquals(4, shown(copy).size());
    assertEquals(List.of(), shown(none));
    assertEquals(42, in.readLong());
    add(copy, "SEK", "1");
    assertEquals("SEK 1.000001", shown(copy).get(2));
  }

  static List<String> shown(Amounts amounts) {
    ArrayData array = amounts.toArray();
    String[] found = new String[array.size()];
    for (int index = 0; index < found.length; index++) {
      RowData row = array.getRow(index, 2);
      found[index] = row.getString(0) + " "
          + row.getDecimal(1, 38, Amounts.SCALE).toBigDecimal().toPlainString();
    }
    return List.of(found);
  }

  private static void add(Amounts amounts, String currency, String amount) {
    amounts.add(code(currency), new BigDecimal(amount));
  }

  private static byte[] code(String currency) {
    return currency.getBytes(StandardCharsets.UTF_8);
  }
}
