package io.footfall.flink.shopper;

import io.footfall.flink.state.StateBuffer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.DataType;

/** Exact sums of money, one for each currency: amounts of two currencies never meet. */
final class Amounts {

  /** Decimal places: a price has two, the rate of a discount four. */
  static final int SCALE = 6;

  private static final int PRECISION = 38;

  /** An array of (currency, amount), in the order of the currencies' codes. */
  static final DataType TYPE = DataTypes.ARRAY(DataTypes.ROW(
              DataTypes.FIELD("currency", DataTypes.STRING().notNull().bridgedTo(StringData.class)),
              DataTypes.FIELD(
                  "amount",
                  DataTypes.DECIMAL(PRECISION, SCALE).notNull().bridgedTo(DecimalData.class)))
          .notNull()
          .bridgedTo(RowData.class))
      .bridgedTo(ArrayData.class);

  private static final class Sum {
    final byte[] currency;
    BigInteger unscaled;

    Sum(byte[] currency, BigInteger unscaled) {
      this.currency = currency;
      this.unscaled = unscaled;
    }
  }

  /** Most sessions buy nothing, and are unpacked for every row: no list for those. */
  private List<Sum> sums = List.of();

  /** Adds an amount of no more than {@link #SCALE} decimal places. */
  void add(byte[] currency, BigDecimal amount) {
    add(currency, amount.setScale(SCALE).unscaledValue());
  }

  void addAll(Amounts others) {
    others.sums.forEach(other -> add(other.currency, other.unscaled));
  }

  ArrayData toArray() {
    return new GenericArrayData(sums.stream().map(Amounts::row).toArray());
  }

  void write(StateBuffer out) {
    out.writeSize(sums.size());
    for (Sum sum : sums) {
      out.writeText(sum.currency);
      out.writeText(sum.unscaled.toByteArray());
    }
  }

  static Amounts read(StateBuffer in) {
    Amounts amounts = new Amounts();
    for (int left = in.readSize(); left > 0; left--) {
      amounts.add(in.readText(), new BigInteger(in.readText()));
    }
    return amounts;
  }

  private void add(byte[] currency, BigInteger unscaled) {
    for (Sum sum : sums) {
      if (Arrays.equals(sum.currency, currency)) {
        sum.unscaled = sum.unscaled.add(unscaled);
        return;
      }
    }
    List<Sum> more = new ArrayList<>(sums);
    more.add(new Sum(currency, unscaled));
    more.sort(Comparator.comparing((Sum sum) -> sum.currency, Arrays::compare));
    sums = more;
  }

  private static RowData row(Sum sum) {
    DecimalData amount =
        DecimalData.fromBigDecimal(new BigDecimal(sum.unscaled, SCALE), PRECISION, SCALE);
    return GenericRowData.of(StringData.fromBytes(sum.currency), amount);
  }
}
