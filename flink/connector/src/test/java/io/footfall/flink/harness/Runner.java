package io.footfall.flink.harness;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.table.api.dataview.ListView;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.conversion.DataStructureConverter;
import org.apache.flink.table.data.conversion.DataStructureConverters;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.runtime.dataview.DataViewUtils;
import org.apache.flink.table.runtime.dataview.StateListView.KeyedStateListView;
import org.apache.flink.table.runtime.dataview.StateMapView.KeyedStateMapViewWithKeysNotNull;
import org.apache.flink.table.runtime.generated.ProcessTableRunner;
import org.apache.flink.table.runtime.operators.process.PassThroughCollectorBase;
import org.apache.flink.table.runtime.operators.process.RuntimeStateInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;

/**
 * Calls a function with its state and arguments as they are declared: what Flink's planner
 * generates code for.
 */
final class Runner extends ProcessTableRunner {

  private final ProcessTableFunction<?> function;
  private final List<RuntimeStateInfo> states;
  private final List<DataStructureConverter<Object, Object>> converters = new ArrayList<>();
  private final DataStructureConverter<Object, Object> table;
  private final DataStructureConverter<Object, Object> result;
  private final Object[] scalars;
  private Object[] views;
  private PassThroughCollectorBase collector;

  Runner(
      ProcessTableFunction<?> function,
      List<RuntimeStateInfo> states,
      DataType table,
      DataType result,
      Object[] scalars) {
    this.function = function;
    this.states = states;
    this.table = DataStructureConverters.getConverter(table);
    this.result = DataStructureConverters.getConverter(result);
    this.scalars = scalars;
    states.forEach(state -> converters.add(
        isView(state) ? null : DataStructureConverters.getConverter(state.getDataType())));
  }

  @Override
  public void open(OpenContext context) throws Exception {
    views = new Object[states.size()];
    for (int index = 0; index < views.length; index++) {
      if (DataViewUtils.isDataView(
          states.get(index).getDataType().getLogicalType(), MapView.class)) {
        views[index] = new KeyedStateMapViewWithKeysNotNull<>((MapState<?, ?>) stateHandles[index]);
      } else if (isView(states.get(index))) {
        views[index] = new KeyedStateListView<>((ListState<?>) stateHandles[index]);
      } else {
        converters.get(index).open(getClass().getClassLoader());
      }
    }
    table.open(getClass().getClassLoader());
    result.open(getClass().getClassLoader());
    function.setCollector(new Written());
    function.open(new FunctionContext(getRuntimeContext()));
  }

  @Override
  public void callEval() throws Exception {
    collector = evalCollector;
    List<Object> arguments = new ArrayList<>();
    arguments.add(table.toExternal(inputRow));
    Collections.addAll(arguments, scalars);
    call("eval", runnerContext, arguments);
  }

  @Override
  public void callOnTimer() throws Exception {
    collector = onTimerCollector;
    call("onTimer", runnerOnTimerContext, List.of());
  }

  private void call(String name, Object context, List<Object> arguments) throws Exception {
    List<Object> all = new ArrayList<>();
    all.add(context);
    for (int index = 0; index < views.length; index++) {
      all.add(converters.get(index) == null ? views[index] : value(index));
    }
    all.addAll(arguments);
    Method method = FunctionHarness.method(function.getClass(), name);
    method.invoke(function, all.toArray());
    for (int index = 0; index < views.length; index++) {
      if (converters.get(index) != null) {
        Object value = all.get(index + 1);
        valueStateFromFunction[index] =
            stateCleared[index] ? null : (RowData) converters.get(index).toInternal(value);
      }
    }
  }

  private Object value(int index) {
    RowData stored = valueStateToFunction[index];
    return stored == null
        ? Row.withPositions(
            LogicalTypeChecks.getFieldCount(states.get(index).getDataType().getLogicalType()))
        : converters.get(index).toExternal(stored);
  }

  private static boolean isView(RuntimeStateInfo state) {
    return DataViewUtils.isDataView(state.getDataType().getLogicalType(), MapView.class)
        || DataViewUtils.isDataView(state.getDataType().getLogicalType(), ListView.class);
  }

  private final class Written implements Collector {
    @Override
    public void collect(Object row) {
      collector.collect((RowData) result.toInternal(row));
    }

    @Override
    public void close() {}
  }
}
