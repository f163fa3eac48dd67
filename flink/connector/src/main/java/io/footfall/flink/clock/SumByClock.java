package io.footfall.flink.clock;

import io.footfall.flink.state.StateTypes;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.StateTypeStrategy;
import org.apache.flink.table.types.inference.StaticArgument;
import org.apache.flink.table.types.inference.StaticArgumentTrait;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;
import org.apache.flink.types.Row;

/**
 * Adds up amounts by parts of the shop's day, such as its hours, as {@link ShopClock} cuts them:
 * what Flink's windows, all of one length and offset, cannot follow. One final row per part in
 * which there is anything, once no earlier amount can come.
 *
 * <p>Amounts are those of windows that lie in one part each, such as minutes: then few rows come
 * here, to one subtask.
 */
public class SumByClock extends ProcessTableFunction<RowData> implements SpecializedFunction {

  private static final long serialVersionUID = 1L;

  private static final DataType TIME =
      DataTypes.TIMESTAMP(3).notNull().bridgedTo(TimestampData.class);
  private static final DataType AMOUNTS = DataTypes.ROW(
          DataTypes.FIELD("time", DataTypes.TIMESTAMP(3)),
          DataTypes.FIELD("amount", DataTypes.BIGINT()))
      .bridgedTo(RowData.class);
  private static final DataType TOTAL = DataTypes.ROW(
          DataTypes.FIELD("window_start", TIME),
          DataTypes.FIELD("window_end", TIME),
          DataTypes.FIELD("local_start", TIME),
          DataTypes.FIELD("total", DataTypes.BIGINT().notNull()))
      .bridgedTo(RowData.class);

  private final long part;
  private final String zone;
  private transient ShopClock clock;

  /** As it is known to the catalog. */
  public SumByClock() {
    this(1, "UTC");
  }

  private SumByClock(long part, String zone) {
    this.part = part;
    this.zone = zone;
  }

  /** Timers are not given the arguments of the call, so the function itself holds them. */
  @Override
  public UserDefinedFunction specialize(SpecializedContext context) {
    CallContext call = context.getCallContext();
    return new SumByClock(
        call.getArgumentValue(1, Long.class).orElseThrow(),
        call.getArgumentValue(2, String.class).orElseThrow());
  }

  @Override
  public void open(FunctionContext context) {
    clock = new ShopClock(ZoneId.of(zone));
  }

  /** Called by Flink for every row. */
  public void eval(
      Context context,
      MapView<Long, Row> totals,
      RowData amount,
      Long partArgument,
      String zoneArgument)
      throws Exception {
    long time = amount.getTimestamp(0, 3).getMillisecond();
    long end = clock.end(time, part);
    Row total = totals.get(end);
    if (total == null) {
      total = Row.of(clock.start(time, part), 0L);
      context.timeContext(Long.class).registerOnTime(end - 1);
    }
    total.setField(1, (Long) total.getField(1) + amount.getLong(1));
    totals.put(end, total);
  }

  /**
   * Called by Flink when a part of the day is over: as it began, though the time zone may have been
   * set anew since.
   */
  public void onTimer(OnTimerContext context, MapView<Long, Row> totals) throws Exception {
    long end = context.timeContext(Long.class).time() + 1;
    Row total = totals.get(end);
    totals.remove(end);
    long start = (Long) total.getField(0);
    collect(GenericRowData.of(
        TimestampData.fromEpochMillis(start),
        TimestampData.fromEpochMillis(end),
        TimestampData.fromEpochMillis(clock.local(start)),
        total.getField(1)));
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory typeFactory) {
    LinkedHashMap<String, StateTypeStrategy> state = new LinkedHashMap<>();
    DataType total = DataTypes.ROW(
        DataTypes.FIELD("start", DataTypes.BIGINT().notNull()),
        DataTypes.FIELD("total", DataTypes.BIGINT().notNull()));
    state.put(
        "totals",
        StateTypes.forEver(
            MapView.newMapViewDataType(DataTypes.BIGINT().notNull(), total.notNull())));
    return TypeInference.newBuilder()
        .staticArguments(
            StaticArgument.table(
                "amounts",
                AMOUNTS,
                false,
                EnumSet.of(
                    StaticArgumentTrait.SET_SEMANTIC_TABLE,
                    StaticArgumentTrait.OPTIONAL_PARTITION_BY,
                    StaticArgumentTrait.REQUIRE_ON_TIME)),
            StaticArgument.scalar("part", DataTypes.BIGINT().notNull(), false),
            StaticArgument.scalar("time_zone", DataTypes.STRING().notNull(), false))
        .stateTypeStrategies(state)
        .outputTypeStrategy(TypeStrategies.explicit(TOTAL))
        .build();
  }
}
