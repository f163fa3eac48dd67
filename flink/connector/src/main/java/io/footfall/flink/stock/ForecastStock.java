package io.footfall.flink.stock;

import io.footfall.flink.clock.ShopClock;
import io.footfall.flink.state.StateTypes;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.StateTypeStrategy;
import org.apache.flink.table.types.inference.StaticArgument;
import org.apache.flink.table.types.inference.StaticArgumentTrait;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;
import org.apache.flink.types.Row;

/**
 * Passes inventory updates on, each with the forecast when its stock will be out: {@link StockOut}.
 * Rows of a product and warehouse come in order of their times, from {@link AddRhythm}.
 */
public class ForecastStock extends ProcessTableFunction<RowData> implements SpecializedFunction {

  private static final long serialVersionUID = 1L;

  private static final int TIME = 0;
  private static final int FIRST = 1;
  private static final int RHYTHM = FIRST + InventoryUpdate.FIELDS.length;
  private static final DataType MOMENT = DataTypes.TIMESTAMP(3).bridgedTo(TimestampData.class);
  private static final DataType FORECAST = DataTypes.ROW(
          DataTypes.FIELD("sales_per_hour", DataTypes.DOUBLE()),
          DataTypes.FIELD("stockout_at", MOMENT),
          DataTypes.FIELD("stockout_earliest", MOMENT),
          DataTypes.FIELD("stockout_latest", MOMENT))
      .bridgedTo(RowData.class);

  private final String zone;
  private transient ShopClock clock;

  /** As it is known to the catalog. */
  public ForecastStock() {
    this("UTC");
  }

  private ForecastStock(String zone) {
    this.zone = zone;
  }

  /** Gives the function its clock before the first row. */
  @Override
  public UserDefinedFunction specialize(SpecializedContext context) {
    return new ForecastStock(
        context.getCallContext().getArgumentValue(1, String.class).orElseThrow());
  }

  @Override
  public void open(FunctionContext context) {
    clock = new ShopClock(ZoneId.of(zone));
  }

  /** Called by Flink for every row. */
  public void eval(Context context, Row sums, RowData update, String zoneArgument) {
    long time = update.getTimestamp(TIME, 3).getMillisecond();
    int quantity = update.getInt(FIRST + InventoryUpdate.QUANTITY);
    SalesHistory history = SalesHistory.of((byte[]) sums.getField(0), time);
    Rhythm rhythm = Rhythm.read(update.getBinary(RHYTHM));
    history.add(time, update.getLong(FIRST + InventoryUpdate.UNITS), quantity, rhythm, clock);
    StockOut forecast = StockOut.of(history, rhythm, clock, time, quantity);
    sums.setField(0, history.pack());
    collect(
        forecast == null
            ? new GenericRowData(4)
            : GenericRowData.of(
                forecast.salesPerHour(),
                moment(forecast.at()),
                moment(forecast.earliest()),
                moment(forecast.latest())));
  }

  private static TimestampData moment(long time) {
    return time == StockOut.BEYOND ? null : TimestampData.fromEpochMillis(time);
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory typeFactory) {
    LinkedHashMap<String, StateTypeStrategy> state = new LinkedHashMap<>();
    // Under the name "history", there were sales by hour once.
    state.put(
        "sums", StateTypes.forEver(DataTypes.ROW(DataTypes.FIELD("packed", DataTypes.BYTES()))));
    return TypeInference.newBuilder()
        .staticArguments(
            StaticArgument.table(
                "updates",
                input(),
                false,
                EnumSet.of(
                    StaticArgumentTrait.SET_SEMANTIC_TABLE,
                    StaticArgumentTrait.REQUIRE_ON_TIME,
                    StaticArgumentTrait.PASS_COLUMNS_THROUGH)),
            StaticArgument.scalar("time_zone", DataTypes.STRING().notNull(), false))
        .stateTypeStrategies(state)
        .outputTypeStrategy(TypeStrategies.explicit(FORECAST))
        .build();
  }

  private static DataType input() {
    DataTypes.Field[] fields = new DataTypes.Field[RHYTHM + 1];
    fields[TIME] = DataTypes.FIELD("event_time", DataTypes.TIMESTAMP(3));
    System.arraycopy(InventoryUpdate.FIELDS, 0, fields, FIRST, InventoryUpdate.FIELDS.length);
    fields[RHYTHM] = DataTypes.FIELD("rhythm", DataTypes.BYTES().notNull());
    return DataTypes.ROW(fields).bridgedTo(RowData.class);
  }
}
