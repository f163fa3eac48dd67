package io.footfall.flink.shopper;

import java.util.List;
import java.util.Locale;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.DataType;

/**
 * The rows that {@link ProcessUserEvents} writes, of several kinds in one table: a column that a
 * kind does not have is null, but for the amounts and the cart of a session: they are empty, since
 * SQL has no empty array to put for a null.
 *
 * <p>Each kind has a column that is true for its rows. A name of the kind would be copied wherever
 * SQL compares it with another, which is for every row in every view.
 */
final class UserEventRow {

  /** In the order of their columns. */
  enum Kind {
    ACTION,
    CHECKOUT,
    DUPLICATE,
    SESSION,
    CO_VIEW,
    FIRST_OF_DAY,
    ARRIVAL;

    String column() {
      return "is_" + name().toLowerCase(Locale.ROOT);
    }
  }

  private static final DataType STRING = DataTypes.STRING().bridgedTo(StringData.class);
  private static final DataType TIME = DataTypes.TIMESTAMP(3).bridgedTo(TimestampData.class);
  private static final DataType TEXTS =
      DataTypes.ARRAY(STRING.notNull()).bridgedTo(org.apache.flink.table.data.ArrayData.class);

  /** What an accepted row of the input carries on. */
  static final DataTypes.Field[] EVENT_FIELDS = {
    DataTypes.FIELD("event_id", STRING),
    DataTypes.FIELD("checkout_id", STRING),
    DataTypes.FIELD("order_id", STRING),
    DataTypes.FIELD("action", STRING),
    DataTypes.FIELD("product_id", STRING),
    DataTypes.FIELD("category_id", STRING),
    DataTypes.FIELD("source", STRING),
    DataTypes.FIELD("quantity", DataTypes.INT()),
    DataTypes.FIELD("unit_price", DataTypes.DECIMAL(12, 2).bridgedTo(DecimalData.class)),
    DataTypes.FIELD("discount_rate", DataTypes.DECIMAL(5, 4).bridgedTo(DecimalData.class)),
    DataTypes.FIELD("shipping_cost", DataTypes.DECIMAL(12, 2).bridgedTo(DecimalData.class)),
    DataTypes.FIELD("currency", STRING),
    DataTypes.FIELD("payment_status", STRING),
    DataTypes.FIELD("payment_failure_reason", STRING),
    DataTypes.FIELD("first_in_minute", DataTypes.BOOLEAN()),
  };

  private static final DataTypes.Field[] DERIVED_FIELDS = {
    DataTypes.FIELD("click_id", STRING),
    DataTypes.FIELD("click_time", TIME),
    DataTypes.FIELD("first_channel", STRING),
    DataTypes.FIELD("session_start", TIME),
    DataTypes.FIELD("session_end", TIME),
    DataTypes.FIELD("actions", DataTypes.BIGINT()),
    DataTypes.FIELD("products_viewed", DataTypes.BIGINT()),
    DataTypes.FIELD("products_carted", DataTypes.BIGINT()),
    DataTypes.FIELD("products_bought", DataTypes.BIGINT()),
    DataTypes.FIELD("session_revenue", Amounts.TYPE.notNull()),
    DataTypes.FIELD("abandoned_cart", DataTypes.BOOLEAN()),
    DataTypes.FIELD("products_in_cart", DataTypes.BIGINT()),
    DataTypes.FIELD("cart", TEXTS.notNull()),
    DataTypes.FIELD("cart_value", Amounts.TYPE.notNull()),
    DataTypes.FIELD("related", TEXTS),
    DataTypes.FIELD("bucket_end", TIME),
    DataTypes.FIELD("day", DataTypes.DATE().bridgedTo(Integer.class)),
    DataTypes.FIELD("first_window", DataTypes.INT()),
    DataTypes.FIELD("last_window", DataTypes.INT()),
  };

  private static final int EVENT = Kind.values().length;
  private static final int DERIVED = EVENT + EVENT_FIELDS.length;
  /** Column of an accepted row. */
  static final int PRODUCT = 4;

  private static final int SESSION_REVENUE = DERIVED + 9;
  private static final int CART = DERIVED + 12;
  private static final int RELATED = DERIVED + 14;
  private static final int DAY = RELATED + 2;
  private static final int FIRST_WINDOW = DAY + 1;
  private static final GenericArrayData NOTHING = new GenericArrayData(new Object[0]);
  private static final int WIDTH = DERIVED + DERIVED_FIELDS.length;

  static final DataType TYPE = type();

  private UserEventRow() {}

  /**
   * A row of the clickstream.
   *
   * @param windows those in which it is the first of its user; null if it is not the first of its
   *     minute
   */
  static RowData action(RowData event, FirstSeen.Windows windows) {
    GenericRowData row = of(Kind.ACTION);
    copy(event, row);
    if (windows != null && !windows.areNone()) {
      mark(row, windows);
    }
    return row;
  }

  static RowData arrival(FirstSeen.Windows windows) {
    GenericRowData row = of(Kind.ARRIVAL);
    mark(row, windows);
    return row;
  }

  static RowData duplicate(RowData event) {
    GenericRowData row = of(Kind.DUPLICATE);
    copy(event, row);
    return row;
  }

  static RowData checkout(RowData event, Click cause, Click first) {
    GenericRowData row = of(Kind.CHECKOUT);
    copy(event, row);
    if (cause != null) {
      row.setField(DERIVED, StringData.fromBytes(cause.id()));
      row.setField(DERIVED + 1, TimestampData.fromEpochMillis(cause.time()));
    }
    if (first != null && first.channel() != null) {
      row.setField(DERIVED + 2, StringData.fromBytes(first.channel()));
    }
    return row;
  }

  static RowData session(Session session) {
    GenericRowData row = of(Kind.SESSION);
    int column = DERIVED + 3;
    row.setField(column++, TimestampData.fromEpochMillis(session.start));
    row.setField(column++, TimestampData.fromEpochMillis(session.end));
    row.setField(column++, session.actions);
    row.setField(column++, session.productsViewed());
    row.setField(column++, session.productsCarted());
    row.setField(column++, session.productsBought());
    row.setField(column++, session.revenue().toArray());
    row.setField(column, session.isCartAbandoned());
    if (session.isCartAbandoned()) {
      row.setField(CART - 1, session.productsInCart());
      row.setField(CART, texts(session.cart()));
      row.setField(CART + 1, session.cartValue().toArray());
    }
    return row;
  }

  static RowData coView(RecentViews.Together together) {
    GenericRowData row = of(Kind.CO_VIEW);
    row.setField(EVENT + PRODUCT, StringData.fromBytes(together.product()));
    row.setField(RELATED, texts(together.related()));
    row.setField(RELATED + 1, TimestampData.fromEpochMillis(together.bucketEnd()));
    return row;
  }

  private static GenericArrayData texts(List<byte[]> texts) {
    return new GenericArrayData(texts.stream().map(StringData::fromBytes).toArray());
  }

  static RowData firstOfDay(int epochDay) {
    GenericRowData row = of(Kind.FIRST_OF_DAY);
    row.setField(DAY, epochDay);
    return row;
  }

  @SuppressWarnings("EnumOrdinal") // kinds are in the order of their columns
  private static GenericRowData of(Kind kind) {
    GenericRowData row = new GenericRowData(WIDTH);
    for (int column = 0; column < EVENT; column++) {
      row.setField(column, column == kind.ordinal());
    }
    row.setField(SESSION_REVENUE, NOTHING);
    row.setField(CART, NOTHING);
    row.setField(CART + 1, NOTHING);
    return row;
  }

  private static void mark(GenericRowData row, FirstSeen.Windows windows) {
    row.setField(FIRST_WINDOW, windows.first());
    row.setField(FIRST_WINDOW + 1, windows.last());
  }

  private static void copy(RowData event, GenericRowData row) {
    if (event instanceof GenericRowData genericRowData) {
      for (int column = 0; column < EVENT_FIELDS.length; column++) {
        row.setField(EVENT + column, genericRowData.getField(column));
      }
      return;
    }
    for (int column = 0; column < EVENT_FIELDS.length; column++) {
      row.setField(EVENT + column, GETTERS[column].getFieldOrNull(event));
    }
  }

  private static final RowData.FieldGetter[] GETTERS = getters();

  private static RowData.FieldGetter[] getters() {
    RowData.FieldGetter[] getters = new RowData.FieldGetter[EVENT_FIELDS.length];
    for (int column = 0; column < getters.length; column++) {
      getters[column] =
          RowData.createFieldGetter(EVENT_FIELDS[column].getDataType().getLogicalType(), column);
    }
    return getters;
  }

  @SuppressWarnings("EnumOrdinal") // kinds are in the order of their columns
  private static DataType type() {
    DataTypes.Field[] fields = new DataTypes.Field[WIDTH];
    for (Kind kind : Kind.values()) {
      fields[kind.ordinal()] =
          DataTypes.FIELD(kind.column(), DataTypes.BOOLEAN().notNull());
    }
    System.arraycopy(EVENT_FIELDS, 0, fields, EVENT, EVENT_FIELDS.length);
    System.arraycopy(DERIVED_FIELDS, 0, fields, DERIVED, DERIVED_FIELDS.length);
    return DataTypes.ROW(fields).bridgedTo(RowData.class);
  }
}
