package io.footfall.flink.shopper;

import io.footfall.flink.clock.ShopClock;
import io.footfall.flink.state.StateBuffer;
import io.footfall.flink.state.StateTypes;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
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
 * One pass over everything a shopper does: duplicates are dropped, and whatever needs the shopper's
 * past is computed from one compact state, so that events are shuffled and looked up once instead
 * of once per stream.
 *
 * <p>Rows must be on time, that is, newer than the watermark. What it writes, by kind (column
 * {@code is_action} and so on):
 *
 * <ul>
 *   <li>{@code action}: a row of the clickstream, at once;
 *   <li>{@code checkout}: a row of the checkouts with the click it is credited to, when no earlier
 *       click can come;
 *   <li>{@code duplicate}: a second event of an id that has been counted, at once;
 *   <li>{@code session}: what the shopper did without a long pause, when it can grow no more;
 *   <li>{@code co_view}: a product and those it was viewed together with, if asked for;
 *   <li>{@code first_of_day}: the shopper is seen for the first time that day, in the ten-minute
 *       bucket of the row's time;
 *   <li>{@code arrival}: a checkout is the shopper's first row in windows of five minutes that
 *       slide by one, at once; an {@code action} has them in its own row.
 * </ul>
 */
public class ProcessUserEvents extends ProcessTableFunction<RowData>
    implements SpecializedFunction {

  private static final long serialVersionUID = 1L;

  private static final byte[] PRODUCT_VIEW = "product_view".getBytes(StandardCharsets.UTF_8);
  private static final byte[] PRODUCT_CLICK = "product_click".getBytes(StandardCharsets.UTF_8);
  private static final byte[] ADD_TO_CART = "add_to_cart".getBytes(StandardCharsets.UTF_8);
  private static final byte[] REMOVE_FROM_CART =
      "remove_from_cart".getBytes(StandardCharsets.UTF_8);

  private final ClickLifetimes clicks;
  private final long checkoutDedupWindow;
  private final String zone;
  private final boolean withPairs;
  private transient ShopEvent event;
  private transient ShopClock shopClock;
  private transient StateBuffer packed;
  private transient Counter duplicates;

  /** As it is known to the catalog. */
  public ProcessUserEvents() {
    this(new ClickLifetimes(0, 0), 0, "UTC", true);
  }

  private ProcessUserEvents(
      ClickLifetimes clicks, long checkoutDedupWindow, String zone, boolean withPairs) {
    this.clicks = clicks;
    this.checkoutDedupWindow = checkoutDedupWindow;
    this.zone = zone;
    this.withPairs = withPairs;
  }

  /** Timers are not given the arguments of the call, so the function itself holds them. */
  @Override
  public UserDefinedFunction specialize(SpecializedContext context) {
    CallContext call = context.getCallContext();
    return new ProcessUserEvents(
        new ClickLifetimes(
            call.getArgumentValue(1, Long.class).orElseThrow(),
            call.getArgumentValue(2, Long.class).orElseThrow()),
        call.getArgumentValue(3, Long.class).orElseThrow(),
        call.getArgumentValue(4, String.class).orElseThrow(),
        call.getArgumentValue(5, Boolean.class).orElseThrow());
  }

  @Override
  public void open(FunctionContext context) {
    event = new ShopEvent();
    shopClock = new ShopClock(ZoneId.of(zone));
    packed = new StateBuffer();
    duplicates = context.getMetricGroup().counter("duplicates");
  }

  /** Called by Flink for every row. */
  public void eval(
      Context context,
      Row state,
      MapView<Integer, byte[]> clicksAway,
      MapView<StringData, RowData> waiting,
      MapView<StringData, Long> counted,
      RowData row,
      Long clickDedupWindowArgument,
      Long attributionWindowArgument,
      Long checkoutDedupWindowArgument,
      String zoneArgument,
      Boolean withPairsArgument)
      throws Exception {
    event.of(row);
    TimeContext<Long> clock = context.timeContext(Long.class);
    UserState user = UserState.of((byte[]) state.getField(0));
    boolean isNew = event.isCheckout()
        ? checkout(user, clock, waiting, counted)
        : action(user, clock, clicksAway);
    if (!isNew) {
      duplicates.inc();
      collect(UserEventRow.duplicate(event.copy()));
      return;
    }
    state.setField(0, user.pack(packed));
  }

  /** Called by Flink when the watermark has passed a moment that {@link #eval} asked for. */
  public void onTimer(
      OnTimerContext context,
      Row state,
      MapView<Integer, byte[]> clicksAway,
      MapView<StringData, RowData> waiting,
      MapView<StringData, Long> counted)
      throws Exception {
    byte[] bytes = (byte[]) state.getField(0);
    if (bytes == null) {
      return;
    }
    TimeContext<Long> clock = context.timeContext(Long.class);
    long now = clock.time();
    UserState user = UserState.of(bytes);
    if (user.waitingCheckouts > 0) {
      settleCheckouts(user, now, clicksAway, waiting);
    }
    for (RecentViews.Together together : user.views.pairsUntil(now)) {
      collect(UserEventRow.coView(together));
    }
    for (int epochDay : user.firstSeen.firstSeenBy(now)) {
      collect(UserEventRow.firstOfDay(epochDay));
    }
    boolean hasEnded = endSessions(user, clock);
    long until = user.neededUntil(clicks);
    if (user.isIdle() && until <= now) {
      // Not clearAll(): to find this shopper's timers Flink walks through those of every shopper,
      // which leaves it with another
      // one as the current key, whose state it would then clear. A timer that finds no state does
      // nothing.
      context.clearAllState();
      return;
    }
    if (hasEnded) {
      user.log.prune(now, clicks, clicksAway);
      user.firstSeen.prune(now);
      forgetCheckouts(counted, now);
      if (until > now) {
        clock.registerOnTime(until);
      }
    }
    state.setField(0, user.pack(packed));
  }

  private boolean action(UserState user, TimeContext<Long> clock, MapView<Integer, byte[]> away)
      throws Exception {
    long time = event.time();
    byte[] id = event.eventId();
    if (user.log.isDuplicate(id, time, clicks.dedup(), away)) {
      return false;
    }
    byte[] action = event.action();
    byte[] product = event.product();
    boolean isView = Arrays.equals(action, PRODUCT_VIEW);
    boolean isClick = isView || Arrays.equals(action, PRODUCT_CLICK);
    Click click =
        new Click(time, isClick, id, isClick ? product : null, isClick ? event.channel() : null);
    user.log.add(click, watermark(clock), clicks, away);
    Session session = attend(user, clock, time);
    if (isView) {
      session.view(product);
      if (product != null && withPairs) {
        register(clock, user.views.add(time, product));
      }
    } else if (Arrays.equals(action, ADD_TO_CART)) {
      session.cart(product, time, true);
    } else if (Arrays.equals(action, REMOVE_FROM_CART)) {
      session.cart(product, time, false);
    }
    FirstSeen.Windows windows = noteMinute(user, clock, time);
    collect(UserEventRow.action(event.accepted(windows != null), windows));
    return true;
  }

  private boolean checkout(
      UserState user,
      TimeContext<Long> clock,
      MapView<StringData, RowData> waiting,
      MapView<StringData, Long> counted)
      throws Exception {
    long time = event.time();
    StringData id = StringData.fromBytes(event.checkoutId());
    Long before = counted.get(id);
    if (before != null && time <= before + checkoutDedupWindow) {
      return false;
    }
    counted.put(id, time);
    user.checkoutsUntil = Math.max(user.checkoutsUntil, time + checkoutDedupWindow);
    Session session = attend(user, clock, time);
    if (event.isPaid()) {
      session.buy(event.product(), event.currency(), event.revenue());
    } else {
      session.tryToBuy(event.product(), time, event.currency(), event.revenue());
    }
    FirstSeen.Windows windows = noteMinute(user, clock, time);
    if (windows != null && !windows.areNone()) {
      // Not of the row that waits: what is kept of it has the same columns for ever.
      collect(UserEventRow.arrival(windows));
    }
    // Its time, too: a duplicate so late that it counts again may come while the first one still
    // waits.
    waiting.put(
        StringData.fromString(id + "@" + time), TimedRow.of(event.accepted(windows != null), time));
    user.waitingCheckouts++;
    clock.registerOnTime(time);
    return true;
  }

  private Session attend(UserState user, TimeContext<Long> clock, long time) {
    register(clock, user.firstSeen.note(time, shopClock));
    Session session = user.sessionAt(time);
    if (session == null) {
      session = new Session(time);
      user.sessions.add(session);
      lookAtSessions(user, clock, session.isFinalAt());
    }
    session.add(time);
    return session;
  }

  private static FirstSeen.Windows noteMinute(UserState user, TimeContext<Long> clock, long time) {
    user.firstSeen.prune(watermark(clock));
    return user.firstSeen.noteMinute(time);
  }

  private void settleCheckouts(
      UserState user, long now, MapView<Integer, byte[]> away, MapView<StringData, RowData> waiting)
      throws Exception {
    List<StringData> settled = new ArrayList<>();
    for (Map.Entry<StringData, RowData> each : waiting.entries()) {
      RowData checkout = each.getValue();
      long time = checkout.getLong(UserEventRow.EVENT_FIELDS.length);
      if (time <= now) {
        settled.add(each.getKey());
        byte[] product = checkout.isNullAt(UserEventRow.PRODUCT)
            ? null
            : checkout.getString(UserEventRow.PRODUCT).toBytes();
        Attribution attribution = new Attribution(time, clicks.attribution(), product);
        user.log.forEachSince(time - clicks.attribution(), away, attribution);
        collect(UserEventRow.checkout(checkout, attribution.cause(), attribution.first()));
      }
    }
    for (StringData id : settled) {
      waiting.remove(id);
    }
    user.waitingCheckouts -= settled.size();
  }

  private boolean endSessions(UserState user, TimeContext<Long> clock) {
    boolean hasEnded = false;
    long now = clock.time();
    if (now < user.nextLookAtSessions) {
      return false;
    }
    user.nextLookAtSessions = Long.MAX_VALUE;
    for (Iterator<Session> each = user.sessions.iterator(); each.hasNext(); ) {
      Session session = each.next();
      if (session.isFinalAt() <= now) {
        collect(UserEventRow.session(session));
        each.remove();
        hasEnded = true;
      } else {
        lookAtSessions(user, clock, session.isFinalAt());
      }
    }
    return hasEnded;
  }

  /**
   * One timer for all sessions of a shopper: were there one for each time that a session grows,
   * they would outnumber the rows.
   */
  private static void lookAtSessions(UserState user, TimeContext<Long> clock, long time) {
    if (time < user.nextLookAtSessions) {
      user.nextLookAtSessions = time;
      clock.registerOnTime(time);
    }
  }

  private void forgetCheckouts(MapView<StringData, Long> counted, long now) throws Exception {
    for (Iterator<Map.Entry<StringData, Long>> each = counted.entries().iterator();
        each.hasNext(); ) {
      if (each.next().getValue() + checkoutDedupWindow <= now) {
        each.remove();
      }
    }
  }

  private static void register(TimeContext<Long> clock, long time) {
    if (time != Long.MIN_VALUE) {
      clock.registerOnTime(time);
    }
  }

  private static long watermark(TimeContext<Long> clock) {
    Long watermark = clock.currentWatermark();
    return watermark == null ? Long.MIN_VALUE / 2 : watermark;
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory typeFactory) {
    DataType text = DataTypes.STRING().bridgedTo(StringData.class);
    DataType id = text.notNull();
    Map<String, StateTypeStrategy> state = new LinkedHashMap<>();
    state.put(
        "user", StateTypes.forEver(DataTypes.ROW(DataTypes.FIELD("packed", DataTypes.BYTES()))));
    state.put(
        "clicks",
        StateTypes.forEver(MapView.newMapViewDataType(
            DataTypes.INT().notNull(), DataTypes.BYTES().notNull())));
    state.put(
        "waiting", StateTypes.forEver(MapView.newMapViewDataType(id, TimedRow.TYPE.notNull())));
    state.put(
        "counted",
        StateTypes.forEver(MapView.newMapViewDataType(id, DataTypes.BIGINT().notNull())));
    return TypeInference.newBuilder()
        .staticArguments(
            StaticArgument.table(
                "events",
                ShopEvent.TYPE,
                false,
                EnumSet.of(
                    StaticArgumentTrait.SET_SEMANTIC_TABLE, StaticArgumentTrait.REQUIRE_ON_TIME)),
            StaticArgument.scalar("click_dedup_window", DataTypes.BIGINT().notNull(), false),
            StaticArgument.scalar("attribution_window", DataTypes.BIGINT().notNull(), false),
            StaticArgument.scalar("checkout_dedup_window", DataTypes.BIGINT().notNull(), false),
            StaticArgument.scalar("time_zone", DataTypes.STRING().notNull(), false),
            StaticArgument.scalar("with_pairs", DataTypes.BOOLEAN().notNull(), false))
        .stateTypeStrategies(new LinkedHashMap<>(state))
        .outputTypeStrategy(TypeStrategies.explicit(UserEventRow.TYPE))
        .build();
  }
}
