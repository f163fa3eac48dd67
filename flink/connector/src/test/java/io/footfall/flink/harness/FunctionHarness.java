package io.footfall.flink.harness;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedMultiInputStreamOperatorTestHarness;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.SpecializedFunction.SpecializedContext;
import org.apache.flink.table.functions.TableSemantics;
import org.apache.flink.table.runtime.generated.HashFunction;
import org.apache.flink.table.runtime.generated.RecordComparator;
import org.apache.flink.table.runtime.generated.RecordEqualiser;
import org.apache.flink.table.runtime.operators.process.ProcessSetTableOperator;
import org.apache.flink.table.runtime.operators.process.RuntimeChangelogMode;
import org.apache.flink.table.runtime.operators.process.RuntimeStateInfo;
import org.apache.flink.table.runtime.operators.process.RuntimeTableSemantics;
import org.apache.flink.table.runtime.typeutils.InternalSerializers;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.StaticArgument;
import org.apache.flink.table.types.inference.StaticArgumentTrait;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Runs a process table function in Flink's own operator, with its keyed state, timers and
 * watermarks. Only what Flink's planner would generate between the two is written by hand:
 * {@link Runner}. Flink has a harness of its own from 2.4 on (FLIP-567).
 */
public final class FunctionHarness implements AutoCloseable {

  private static final int MOST_SUBTASKS = 128;

  private final KeyedMultiInputStreamOperatorTestHarness<RowData, RowData> harness;
  private final RowType output;

  private FunctionHarness(
      KeyedMultiInputStreamOperatorTestHarness<RowData, RowData> harness, RowType output) {
    this.harness = harness;
    this.output = output;
  }

  /**
   * Opens the function for one call.
   *
   * @param function as the catalog knows it; it is specialized for the call, as the planner does
   * @param table type of its rows
   * @param time column of the rows' time
   * @param key column by which rows are partitioned
   * @param state what an earlier run has left; null for a first one
   * @param scalars arguments of the call behind the table
   */
  public static FunctionHarness open(
      ProcessTableFunction<?> function,
      DataType table,
      int time,
      int key,
      OperatorSubtaskState state,
      Object... scalars)
      throws Exception {
    CallContext call = call(table, scalars);
    ProcessTableFunction<?> specialized = function instanceof SpecializedFunction special
        ? (ProcessTableFunction<?>) special.specialize(specializing(call))
        : function;
    TypeInference inference = specialized.getTypeInference(null);
    StaticArgument argument = inference.getStaticArguments().orElseThrow().get(0);
    boolean passes = argument.is(StaticArgumentTrait.PASS_COLUMNS_THROUGH);
    RuntimeChangelogMode inserts = RuntimeChangelogMode.serialize(ChangelogMode.insertOnly());
    RuntimeTableSemantics semantics = new RuntimeTableSemantics(
        argument.getName(),
        0,
        table,
        new int[] {key},
        new int[0],
        new TableSemantics.SortDirection[0],
        inserts,
        passes,
        true,
        time);
    List<RuntimeStateInfo> states = new ArrayList<>();
    inference
        .getStateTypeStrategies()
        .forEach((name, type) ->
            states.add(new RuntimeStateInfo(name, type.inferType(call).orElseThrow(), 0)));
    DataType result = inference.getOutputTypeStrategy().inferType(call).orElseThrow();
    Runner runner =
        new Runner(specialized, states, argument.getDataType().orElse(table), result, scalars);
    RowType keyType =
        (RowType) DataTypes.ROW(DataType.getFields(table).get(key)).getLogicalType();
    var harness = new KeyedMultiInputStreamOperatorTestHarness<RowData, RowData>(
        new Factory(semantics, states, runner, inserts), MOST_SUBTASKS, 1, 0);
    RowData.FieldGetter keyOf = RowData.createFieldGetter(keyType.getTypeAt(0), key);
    RowDataSerializer keys = InternalTypeInfo.of(keyType).toRowSerializer();
    // Binary, as the planner makes it: of another kind it would not equal the one that a checkpoint
    // holds.
    harness.setKeySelector(
        0,
        row -> keys.toBinaryRow(GenericRowData.of(keyOf.getFieldOrNull((RowData) row)))
            .copy());
    harness.getStreamConfig().setStateKeySerializer(keys);
    harness.getStreamConfig().serializeAllConfigs();
    RowType output = output(
        passes ? (RowType) table.getLogicalType() : keyType, (RowType) result.getLogicalType());
    harness.setup(InternalSerializers.create(output));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return new FunctionHarness(harness, output);
  }

  /** Has the function read a row. */
  public FunctionHarness row(RowData row) throws Exception {
    harness.processElement(0, new StreamRecord<>(row));
    return this;
  }

  /** Has the function's timers up to this time run; milliseconds since 1970. */
  public FunctionHarness watermark(long time) throws Exception {
    harness.processWatermark(0, new Watermark(time));
    return this;
  }

  /** Takes out what has been written: one map for each row, without what is null. */
  public List<Map<String, Object>> output() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (StreamRecord<? extends RowData> record : harness.extractOutputStreamRecords()) {
      rows.add(Plain.row(record.getValue(), output));
    }
    harness.getOutput().clear();
    return rows;
  }

  /** How many timers are set, for all keys. */
  public int timers() {
    return harness.numEventTimeTimers();
  }

  /** What a checkpoint holds. */
  public OperatorSubtaskState snapshot() throws Exception {
    return harness.snapshot(1, 1);
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }

  private static RowType output(RowType passed, RowType written) {
    List<LogicalType> types = new ArrayList<>(passed.getChildren());
    List<String> names = new ArrayList<>(passed.getFieldNames());
    types.addAll(written.getChildren());
    names.addAll(written.getFieldNames());
    types.add(DataTypes.TIMESTAMP(3).getLogicalType());
    names.add("rowtime");
    return RowType.of(types.toArray(LogicalType[]::new), names.toArray(String[]::new));
  }

  private static CallContext call(DataType table, Object... scalars) {
    return answering(CallContext.class, (method, arguments) -> switch (method) {
      case "getArgumentValue" -> Optional.of(scalars[(Integer) arguments[0] - 1]);
      case "getArgumentDataTypes" -> List.of(table);
      default -> throw new UnsupportedOperationException(method);
    });
  }

  private static SpecializedContext specializing(CallContext call) {
    return answering(SpecializedContext.class, (method, arguments) -> call);
  }

  private interface Answers {
    Object answer(String method, Object[] arguments);
  }

  private static <T> T answering(Class<T> type, Answers answers) {
    Object proxy = Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (self, method, arguments) -> answers.answer(method.getName(), arguments));
    return type.cast(proxy);
  }

  static Method method(Class<?> type, String name) {
    return Arrays.stream(type.getMethods())
        .filter(each -> each.getName().equals(name))
        .findFirst()
        .orElse(null);
  }

  private static final class Factory extends AbstractStreamOperatorFactory<RowData> {

    private static final long serialVersionUID = 1L;

    private final transient RuntimeTableSemantics semantics;
    private final transient List<RuntimeStateInfo> states;
    private final transient Runner runner;
    private final transient RuntimeChangelogMode mode;

    Factory(
        RuntimeTableSemantics semantics,
        List<RuntimeStateInfo> states,
        Runner runner,
        RuntimeChangelogMode mode) {
      this.semantics = semantics;
      this.states = states;
      this.runner = runner;
      this.mode = mode;
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Flink declares it
    public <T extends StreamOperator<RowData>> T createStreamOperator(
        StreamOperatorParameters<RowData> parameters) {
      HashFunction[] hashes = new HashFunction[states.size()];
      Arrays.fill(hashes, (HashFunction) Object::hashCode);
      RecordEqualiser[] equalisers = new RecordEqualiser[states.size()];
      Arrays.fill(equalisers, (RecordEqualiser) Object::equals);
      return (T) new ProcessSetTableOperator(
          parameters,
          List.of(semantics),
          states,
          new RecordComparator[1],
          runner,
          hashes,
          equalisers,
          mode,
          List.of(StateTtlConfig.DISABLED));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
      return ProcessSetTableOperator.class;
    }
  }
}
