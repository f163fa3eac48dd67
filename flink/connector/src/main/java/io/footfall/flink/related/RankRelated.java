package io.footfall.flink.related;

import io.footfall.flink.state.StateBuffer;
import io.footfall.flink.state.StateTypes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.dataview.ListView;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
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

/**
 * Keeps, for one product, how often it was viewed together with every other, and writes the best of
 * them whenever an interval of time is over: one row per product and interval, however many pairs
 * have changed. Scores do not depend on the interval, only how often they are told does.
 */
public class RankRelated extends ProcessTableFunction<RowData> implements SpecializedFunction {

  private static final long serialVersionUID = 1L;

  private static final int PLACES = 20;
  private static final int FEW = 32;
  /** The only key of the totals: a map is read when it is asked for, a value with every row. */
  private static final Integer ALL = 0;

  private static final Comparator<Related> BY_PRODUCT =
      (one, other) -> Arrays.compareUnsigned(one.product, other.product);

  private record CoView(Related related, long bucketEnd) {}

  private record Id(byte[] bytes) {

    @Override
    public boolean equals(Object other) {
      return other instanceof Id id && Arrays.equals(bytes, id.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  private static final DataType TEXT = DataTypes.STRING().bridgedTo(StringData.class);
  private static final DataType TIME = DataTypes.TIMESTAMP(3).bridgedTo(TimestampData.class);

  private static final DataType VIEWS = DataTypes.ROW(
          DataTypes.FIELD("event_time", DataTypes.TIMESTAMP(3)),
          DataTypes.FIELD("product_id", DataTypes.STRING()),
          DataTypes.FIELD("related", DataTypes.ARRAY(DataTypes.STRING())),
          DataTypes.FIELD("bucket_end", DataTypes.TIMESTAMP(3)))
      .bridgedTo(RowData.class);
  private static final DataType BEST = DataTypes.ROW(
          DataTypes.FIELD("as_of", TIME.notNull()),
          DataTypes.FIELD(
              "related",
              DataTypes.ARRAY(DataTypes.ROW(
                          DataTypes.FIELD("product_id", TEXT.notNull()),
                          DataTypes.FIELD("score", DataTypes.DOUBLE().notNull()),
                          DataTypes.FIELD("support", DataTypes.BIGINT().notNull()),
                          DataTypes.FIELD("rank", DataTypes.BIGINT().notNull()))
                      .notNull()
                      .bridgedTo(RowData.class))
                  .notNull()
                  .bridgedTo(ArrayData.class)))
      .bridgedTo(RowData.class);

  private final long memory;
  private final long interval;
  private transient StateBuffer packed;

  /** As it is known to the catalog. */
  public RankRelated() {
    this(0, 1);
  }

  private RankRelated(long memory, long interval) {
    this.memory = memory;
    this.interval = interval;
  }

  /** Timers are not given the arguments of the call, so the function itself holds them. */
  @Override
  public UserDefinedFunction specialize(SpecializedContext context) {
    return new RankRelated(millis(context, 1), millis(context, 2));
  }

  private static long millis(SpecializedContext context, int argument) {
    return context.getCallContext().getArgumentValue(argument, Long.class).orElseThrow();
  }

  @Override
  public void open(FunctionContext context) {
    packed = new StateBuffer();
  }

  /** Called by Flink for every row. */
  public void eval(
      Context context,
      ListView<byte[]> waiting,
      MapView<Integer, byte[]> totals,
      RowData views,
      Long memoryArgument,
      Long intervalArgument)
      throws Exception {
    long bucketEnd = views.getTimestamp(3, 3).getMillisecond();
    packed.clear();
    packed.writeLong(bucketEnd);
    ArrayData related = views.getArray(2);
    for (int index = 0; index < related.size(); index++) {
      packed.writeText(related.getString(index).toBytes());
    }
    waiting.add(packed.toBytes());
    context.timeContext(Long.class).registerOnTime(told(bucketEnd));
  }

  /** Returns when the interval is over in which a bucket ends. */
  private long told(long bucketEnd) {
    return Math.floorDiv(bucketEnd - 1, interval) * interval + interval - 1;
  }

  /** Called by Flink when no earlier co-view can come. */
  public void onTimer(
      OnTimerContext context, ListView<byte[]> waiting, MapView<Integer, byte[]> totals)
      throws Exception {
    long now = context.timeContext(Long.class).time();
    List<CoView> over = new ArrayList<>();
    List<byte[]> later = new ArrayList<>();
    Map<Id, Related> seen = new HashMap<>();
    int rows = 0;
    long asOf = Long.MIN_VALUE;
    for (byte[] views : waiting.get()) {
      StateBuffer in = new StateBuffer(views);
      long bucketEnd = in.readLong();
      if (bucketEnd - 1 > now) {
        later.add(views);
        continue;
      }
      rows++;
      asOf = Math.max(asOf, bucketEnd);
      while (in.hasMore()) {
        byte[] product = in.readText();
        over.add(new CoView(
            seen.computeIfAbsent(new Id(product), ignored -> new Related(product)), bucketEnd));
      }
    }
    if (rows == 0) {
      return;
    }
    // Sums of what is more than 50 weeks apart are rounded; in order of time they are so in the
    // same way each time.
    over.sort(Comparator.comparingLong(CoView::bucketEnd));
    Related[] changed = seen.values().toArray(new Related[0]);
    Arrays.sort(changed, BY_PRODUCT);
    // As it would be if each bucket had been ranked when it was over.
    long forgetUntil = asOf - 1 - memory;
    CoViewTotals known = new CoViewTotals(totals.get(ALL), forgetUntil);
    TopK best = new TopK(PLACES, asOf);
    known.read(changed, best);
    // Once it is known what they were before.
    over.forEach(view -> view.related.add(view.bucketEnd, memory));
    for (Related related : changed) {
      if (related.last > forgetUntil) {
        best.offer(related);
      }
    }
    // Rows are added up anew each time until there are enough of them: the totals of a product are
    // long, and would be
    // written every few seconds for a handful of views.
    if (rows > FEW) {
      totals.put(ALL, known.with(changed, packed));
      waiting.clear();
      waiting.addAll(later);
    }
    collect(row(asOf, best.inOrder()));
  }

  private static RowData row(long asOf, List<Related> best) {
    long week = Weeks.begin(asOf);
    Object[] places = new Object[best.size()];
    for (int index = 0; index < places.length; index++) {
      Related related = best.get(index);
      places[index] = GenericRowData.of(
          StringData.fromBytes(related.product),
          related.scoreAsOf(week),
          related.support,
          index + 1L);
    }
    return GenericRowData.of(TimestampData.fromEpochMillis(asOf), new GenericArrayData(places));
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory typeFactory) {
    LinkedHashMap<String, StateTypeStrategy> state = new LinkedHashMap<>();
    state.put(
        "views_waiting",
        StateTypes.forEver(ListView.newListViewDataType(DataTypes.BYTES().notNull())));
    state.put(
        "scores",
        StateTypes.forEver(MapView.newMapViewDataType(
            DataTypes.INT().notNull(), DataTypes.BYTES().notNull())));
    return TypeInference.newBuilder()
        .staticArguments(
            StaticArgument.table(
                "pairs",
                VIEWS,
                false,
                EnumSet.of(
                    StaticArgumentTrait.SET_SEMANTIC_TABLE, StaticArgumentTrait.REQUIRE_ON_TIME)),
            StaticArgument.scalar("memory", DataTypes.BIGINT().notNull(), false),
            StaticArgument.scalar("interval", DataTypes.BIGINT().notNull(), false))
        .stateTypeStrategies(state)
        .outputTypeStrategy(TypeStrategies.explicit(BEST))
        .build();
  }
}
