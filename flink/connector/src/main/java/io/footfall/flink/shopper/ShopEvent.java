package io.footfall.flink.shopper;

import java.math.BigDecimal;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.DataType;

/** Reads the columns of an input row. */
final class ShopEvent {

  private static final StringData SUCCEEDED = StringData.fromString("succeeded");

  private static final int TIME = 0;
  private static final int CHANNEL = 1;
  /** Where an accepted row begins: to its last column but one, the columns are the same. */
  private static final int SHARED = 3;

  private static final int EVENT_ID = SHARED;
  private static final int CHECKOUT_ID = SHARED + 1;
  private static final int ACTION_NAME = SHARED + 3;
  private static final int PRODUCT = SHARED + 4;
  private static final int QUANTITY = SHARED + 7;
  private static final int PRICE = SHARED + 8;
  private static final int DISCOUNT = SHARED + 9;
  private static final int SHIPPING = SHARED + 10;
  private static final int CURRENCY = SHARED + 11;
  private static final int STATUS = SHARED + 12;
  private static final int FIRST_IN_MINUTE = UserEventRow.EVENT_FIELDS.length - 1;

  /** Columns of the input, in this order. */
  static final DataType TYPE = type();

  private RowData row;

  void of(RowData input) {
    row = input;
  }

  long time() {
    return row.getTimestamp(TIME, 3).getMillisecond();
  }

  boolean isCheckout() {
    return !row.isNullAt(CHECKOUT_ID);
  }

  byte[] eventId() {
    return text(EVENT_ID);
  }

  byte[] checkoutId() {
    return text(CHECKOUT_ID);
  }

  byte[] action() {
    return text(ACTION_NAME);
  }

  byte[] product() {
    return text(PRODUCT);
  }

  byte[] channel() {
    return text(CHANNEL);
  }

  /** Code of the currency of a checkout. */
  byte[] currency() {
    return text(CURRENCY);
  }

  boolean isPaid() {
    return !row.isNullAt(STATUS) && row.getString(STATUS).equals(SUCCEEDED);
  }

  /** Price times quantity less discount, of six decimal places; an unknown price earns nothing. */
  BigDecimal revenue() {
    if (row.isNullAt(PRICE)) {
      return BigDecimal.ZERO;
    }
    BigDecimal price = row.getDecimal(PRICE, 12, 2).toBigDecimal();
    BigDecimal discount = row.isNullAt(DISCOUNT)
        ? BigDecimal.ZERO
        : row.getDecimal(DISCOUNT, 5, 4).toBigDecimal();
    return price
        .multiply(BigDecimal.valueOf(row.getInt(QUANTITY)))
        .multiply(BigDecimal.ONE.subtract(discount));
  }

  /** A {@link #copy} that counts. */
  RowData accepted(boolean isFirstInMinute) {
    GenericRowData copy = copy();
    copy.setField(FIRST_IN_MINUTE, isFirstInMinute);
    return copy;
  }

  /** A row that stays as it is when the input's memory is used again. */
  GenericRowData copy() {
    GenericRowData copy = new GenericRowData(UserEventRow.EVENT_FIELDS.length);
    for (int column = 0; column < FIRST_IN_MINUTE; column++) {
      int from = SHARED + column;
      if (row.isNullAt(from)) {
        continue;
      }
      switch (column) {
        case QUANTITY - SHARED:
          copy.setField(column, row.getInt(from));
          break;
        case PRICE - SHARED:
        case SHIPPING - SHARED:
          copy.setField(column, decimal(from, 12, 2));
          break;
        case DISCOUNT - SHARED:
          copy.setField(column, decimal(from, 5, 4));
          break;
        default:
          copy.setField(column, StringData.fromBytes(row.getString(from).toBytes()));
      }
    }
    return copy;
  }

  private DecimalData decimal(int column, int precision, int scale) {
    return row.getDecimal(column, precision, scale).copy();
  }

  private static DataType type() {
    DataTypes.Field[] fields = new DataTypes.Field[SHARED + FIRST_IN_MINUTE];
    fields[TIME] = DataTypes.FIELD("event_time", DataTypes.TIMESTAMP(3));
    fields[CHANNEL] = DataTypes.FIELD("channel", DataTypes.STRING());
    fields[2] = DataTypes.FIELD("user_id", DataTypes.STRING());
    System.arraycopy(UserEventRow.EVENT_FIELDS, 0, fields, SHARED, FIRST_IN_MINUTE);
    return DataTypes.ROW(fields).bridgedTo(RowData.class);
  }

  private byte[] text(int column) {
    return row.isNullAt(column) ? null : row.getString(column).toBytes();
  }
}
