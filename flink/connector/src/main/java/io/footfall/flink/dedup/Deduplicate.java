package io.footfall.flink.dedup;

import io.footfall.flink.state.StateTypes;
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
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.StateTypeStrategy;
import org.apache.flink.table.types.inference.StaticArgument;
import org.apache.flink.table.types.inference.StaticArgumentTrait;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.types.ColumnList;
import org.apache.flink.types.Row;

/**
 * Passes rows on as they are and says of each whether it is a duplicate: whether its id has been
 * read before within the same partition, at an event time no more than the deduplication window
 * before its own. Rows keep their order, unlike behind a deduplication that is partitioned by the
 * id.
 */
public class Deduplicate extends ProcessTableFunction<Row> {

  private static final long serialVersionUID = 1L;

  private static final String EVENTS = "events";
  private static final int FEW = 16;

  /** Called by Flink for every row. */
  public void eval(
      Context context,
      Row sizes,
      MapView<String, Long> read,
      Row row,
      ColumnList id,
      Long dedupWindow)
      throws Exception {
    long time = ((LocalDateTime) row.getField(context.tableSemanticsFor(EVENTS).timeColumn()))
        .toInstant(ZoneOffset.UTC)
        .toEpochMilli();
    String key = (String) row.getField(id.getNames().get(0));
    Long before = read.get(key);
    boolean isDuplicate = before != null && time <= before + dedupWindow;
    if (!isDuplicate) {
      read.put(key, time);
      forget(context, sizes, read, dedupWindow);
    }
    collect(Row.of(isDuplicate));
  }

  /**
   * Looks through all ids whenever their number has doubled: each is looked at once or twice in its
   * life.
   */
  private static void forget(
      Context context, Row sizes, MapView<String, Long> read, long dedupWindow) throws Exception {
    int size = sizes.getField(0) == null ? 1 : (Integer) sizes.getField(0) + 1;
    int limit = sizes.getField(1) == null ? FEW : (Integer) sizes.getField(1);
    Long watermark = context.timeContext(Long.class).currentWatermark();
    if (size > limit && watermark != null) {
      size = 0;
      for (Iterator<Map.Entry<String, Long>> each = read.entries().iterator(); each.hasNext(); ) {
        if (each.next().getValue() + dedupWindow <= watermark) {
          each.remove();
        } else {
          size++;
        }
      }
      limit = Math.max(FEW, 2 * size);
    }
    sizes.setField(0, size);
    sizes.setField(1, limit);
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory typeFactory) {
    Map<String, StateTypeStrategy> state = new LinkedHashMap<>();
    state.put(
        "sizes",
        StateTypes.forEver(DataTypes.ROW(
            DataTypes.FIELD("size", DataTypes.INT()),
            DataTypes.FIELD("size_limit", DataTypes.INT()))));
    state.put(
        "read",
        StateTypes.forEver(MapView.newMapViewDataType(
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
            StaticArgument.scalar("dedup_window", DataTypes.BIGINT().notNull(), false))
        .stateTypeStrategies(new LinkedHashMap<>(state))
        .outputTypeStrategy(call -> {
          DataType events = call.getArgumentDataTypes().get(0);
          List<String> ids = call.getArgumentValue(1, ColumnList.class)
              .map(ColumnList::getNames)
              .orElse(List.of());
          int column = ids.size() == 1 ? DataType.getFieldNames(events).indexOf(ids.get(0)) : -1;
          if (column < 0
              || !DataType.getFieldDataTypes(events)
                  .get(column)
                  .getLogicalType()
                  .is(LogicalTypeRoot.VARCHAR)) {
            throw new ValidationException(
                "deduplicate needs the descriptor of one text column as id, not " + ids);
          }
          return Optional.of(
              DataTypes.ROW(DataTypes.FIELD("is_duplicate", DataTypes.BOOLEAN().notNull())));
        })
        .build();
  }
}
