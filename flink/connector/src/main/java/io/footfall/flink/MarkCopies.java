package io.footfall.flink;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.StateTypeStrategy;
import org.apache.flink.table.types.inference.StaticArgument;
import org.apache.flink.table.types.inference.StaticArgumentTrait;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.types.ColumnList;
import org.apache.flink.types.Row;

/**
 * Passes rows on as they are and says of each whether it is a copy: whether its id has been read before within the same
 * partition, at an event time no more than the horizon before its own. Rows keep their order, unlike behind a deduplication
 * that is partitioned by the id.
 */
public class MarkCopies extends ProcessTableFunction<Row> implements SpecializedFunction {

  private static final long serialVersionUID = 1L;

  private static final String EVENTS = "events";
  private static final int HORIZON = 2;

  private final long horizon;

  /** As it is known to the catalog. */
  public MarkCopies() {
    this(0);
  }

  private MarkCopies(long horizon) {
    this.horizon = horizon;
  }

  /** Timers are not given the arguments of the call, so the function itself holds them. */
  @Override
  public UserDefinedFunction specialize(SpecializedContext context) {
    return new MarkCopies(context.getCallContext().getArgumentValue(HORIZON, Long.class).orElseThrow());
  }

  /** Called by Flink for every row. */
  public void eval(Context context, Row look, MapView<String, Long> read, Row row, ColumnList id, Long horizonArgument)
      throws Exception {
    long time = ((LocalDateTime) row.getField(context.tableSemanticsFor(EVENTS).timeColumn())).toInstant(ZoneOffset.UTC).toEpochMilli();
    String key = (String) row.getField(id.getNames().get(0));
    Long before = read.get(key);
    boolean isCopy = before != null && time <= before + horizon;
    if (!isCopy) {
      read.put(key, time);
      if (look.getField(0) == null) {
        look.setField(0, true);
        context.timeContext(Long.class).registerOnTime(time + horizon);
      }
    }
    collect(Row.of(isCopy));
  }

  /** Forgets ids that no row on time can be a copy of: one timer for all of a partition's, so that each is looked at twice at most. */
  public void onTimer(OnTimerContext context, Row look, MapView<String, Long> read) throws Exception {
    TimeContext<Long> clock = context.timeContext(Long.class);
    long newest = Long.MIN_VALUE;
    for (Iterator<Map.Entry<String, Long>> each = read.entries().iterator(); each.hasNext(); ) {
      long time = each.next().getValue();
      if (time + horizon <= clock.time()) {
        each.remove();
      } else {
        newest = Math.max(newest, time);
      }
    }
    if (newest == Long.MIN_VALUE) {
      context.clearAllState();
    } else {
      clock.registerOnTime(newest + horizon);
    }
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory typeFactory) {
    Map<String, StateTypeStrategy> state = new LinkedHashMap<>();
    state.put("look", StateTypes.forEver(DataTypes.ROW(DataTypes.FIELD("is_planned", DataTypes.BOOLEAN()))));
    state.put(
        "read",
        StateTypes.forEver(
            MapView.newMapViewDataType(
                DataTypes.STRING().notNull(), DataTypes.BIGINT().notNull())));
    return TypeInference.newBuilder()
        .staticArguments(
            StaticArgument.table(
                EVENTS,
                Row.class,
                false,
                EnumSet.of(
                    StaticArgumentTrait.SET_SEMANTIC_TABLE,
                    StaticArgumentTrait.REQUIRE_ON_TIME,
                    StaticArgumentTrait.PASS_COLUMNS_THROUGH)),
            StaticArgument.scalar("id", DataTypes.DESCRIPTOR().notNull(), false),
            StaticArgument.scalar("horizon", DataTypes.BIGINT().notNull(), false))
        .stateTypeStrategies(new LinkedHashMap<>(state))
        .outputTypeStrategy(
            call -> {
              DataType events = call.getArgumentDataTypes().get(0);
              List<String> ids = call.getArgumentValue(1, ColumnList.class).map(ColumnList::getNames).orElse(List.of());
              int column = ids.size() == 1 ? DataType.getFieldNames(events).indexOf(ids.get(0)) : -1;
              if (column < 0 || !DataType.getFieldDataTypes(events).get(column).getLogicalType().is(LogicalTypeRoot.VARCHAR)) {
                throw new ValidationException("mark_copies needs the descriptor of one text column as id, not " + ids);
              }
              return Optional.of(
                  DataTypes.ROW(DataTypes.FIELD("is_copy", DataTypes.BOOLEAN().notNull())));
            })
        .build();
  }
}
