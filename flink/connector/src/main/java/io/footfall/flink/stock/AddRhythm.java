package io.footfall.flink.stock;

import io.footfall.flink.clock.ShopClock;
import io.footfall.flink.state.StateBuffer;
import io.footfall.flink.state.StateTypes;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
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
 * Passes inventory updates on in order of their times, each with the {@link Rhythm} of its day.
 *
 * <p>The rhythm is the whole shop's, so one subtask sees every update; what it keeps is small, and
 * what is kept of a product is kept elsewhere. An update waits until none of an earlier time can
 * come: the days before it are complete then, however its partition was read.
 */
public class AddRhythm extends ProcessTableFunction<RowData> implements SpecializedFunction {

  private static final long serialVersionUID = 1L;

  private final String zone;
  private transient ShopClock clock;

  /** As it is known to the catalog. */
  public AddRhythm() {
    this("UTC");
  }

  private AddRhythm(String zone) {
    this.zone = zone;
  }

  /** Timers are not given the arguments of the call, so the function itself holds them. */
  @Override
  public UserDefinedFunction specialize(SpecializedContext context) {
    return new AddRhythm(
        context.getCallContext().getArgumentValue(1, String.class).orElseThrow());
  }

  @Override
  public void open(FunctionContext context) {
    clock = new ShopClock(ZoneId.of(zone));
  }

  /** Called by Flink for every row. */
  public void eval(
      Context context,
      Row sales,
      MapView<Long, byte[]> waiting,
      RowData update,
      String zoneArgument)
      throws Exception {
    long time = update.getTimestamp(0, 3).getMillisecond();
    byte[] others = waiting.get(time);
    StateBuffer out = new StateBuffer();
    if (others == null) {
      context.timeContext(Long.class).registerOnTime(time);
    } else {
      out.writeRaw(others, 0, others.length);
    }
    InventoryUpdate.write(out, update, 1);
    waiting.put(time, out.toBytes());
  }

  /** Called by Flink when no update of an earlier time can come. */
  public void onTimer(OnTimerContext context, Row sales, MapView<Long, byte[]> waiting)
      throws Exception {
    long time = context.timeContext(Long.class).time();
    int day = clock.epochDay(time);
    int hour = (int) Math.floorMod(Math.floorDiv(clock.local(time), Rhythm.HOUR), 24L);
    SalesByHour byHour = SalesByHour.of((byte[]) sales.getField(0));
    byte[] rhythm = byHour.rhythm(day).toBytes();
    StateBuffer updates = new StateBuffer(waiting.get(time));
    waiting.remove(time);
    while (updates.hasMore()) {
      GenericRowData update = InventoryUpdate.read(updates);
      if (update.getLong(InventoryUpdate.UNITS) > 0) {
        byHour.add(day, hour);
      }
      update.setField(InventoryUpdate.FIELDS.length, rhythm);
      collect(update);
    }
    sales.setField(0, byHour.pack());
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory typeFactory) {
    LinkedHashMap<String, StateTypeStrategy> state = new LinkedHashMap<>();
    state.put(
        "sales", StateTypes.forEver(DataTypes.ROW(DataTypes.FIELD("packed", DataTypes.BYTES()))));
    state.put(
        "waiting",
        StateTypes.forEver(MapView.newMapViewDataType(
            DataTypes.BIGINT().notNull(), DataTypes.BYTES().notNull())));
    return TypeInference.newBuilder()
        .staticArguments(
            StaticArgument.table(
                "updates",
                input(),
                false,
                EnumSet.of(
                    StaticArgumentTrait.SET_SEMANTIC_TABLE,
                    StaticArgumentTrait.OPTIONAL_PARTITION_BY,
                    StaticArgumentTrait.REQUIRE_ON_TIME)),
            StaticArgument.scalar("time_zone", DataTypes.STRING().notNull(), false))
        .stateTypeStrategies(state)
        .outputTypeStrategy(TypeStrategies.explicit(output()))
        .build();
  }

  private static DataType input() {
    int width = InventoryUpdate.FIELDS.length;
    DataTypes.Field[] fields = new DataTypes.Field[width + 1];
    fields[0] = DataTypes.FIELD("event_time", DataTypes.TIMESTAMP(3));
    System.arraycopy(InventoryUpdate.FIELDS, 0, fields, 1, width);
    return DataTypes.ROW(fields).bridgedTo(RowData.class);
  }

  private static DataType output() {
    int width = InventoryUpdate.FIELDS.length;
    DataTypes.Field[] fields = new DataTypes.Field[width + 1];
    System.arraycopy(InventoryUpdate.FIELDS, 0, fields, 0, width);
    fields[width] = DataTypes.FIELD("rhythm", DataTypes.BYTES().notNull());
    return DataTypes.ROW(fields).bridgedTo(RowData.class);
  }
}
