package io.footfall.flink.source;

import io.footfall.flink.source.SourceWatermarks.Answer;
import io.footfall.flink.source.SourceWatermarks.End;
import io.footfall.flink.source.SourceWatermarks.Question;
import java.util.HashMap;
import java.util.Map;

/**
 * A source's task thread and a broker, both moved by hand. The watermark trails a row's time by
 * {@link #DELAY}.
 */
final class Scene {

  static final long START = 1_800_000_000_000L;
  static final long DELAY = 5_000;
  static final long IDLE = 10_000;
  static final long MARGIN = 60_000;
  static final long TICK = 200;

  final SourceWatermarks watermarks;
  /** Emitted last. */
  long watermark = Partition.NONE;

  private final Map<String, Long> highs = new HashMap<>();
  private final Map<String, Long> stables = new HashMap<>();
  private final Map<String, Long> positions = new HashMap<>();
  private long now = 77_000_000_000L;
  private long wall = START;
  private boolean brokerIsAway;
  private String leaderless;
  private Answer delayed;
  private boolean delays;
  private final long tick;

  private Scene(boolean bounded, Long margin, boolean others, long tick) {
    this.tick = tick;
    watermarks = bounded
        ? new BoundedWatermarks()
        : new LiveWatermarks(() -> wall, tick, IDLE, margin, others, now, wall);
  }

  private Scene(SourceWatermarks watermarks) {
    this.watermarks = watermarks;
    this.tick = TICK;
  }

  static Scene live() {
    return new Scene(false, MARGIN, false, TICK);
  }

  static Scene liveWithTicks(long millis) {
    return new Scene(false, MARGIN, false, millis);
  }

  static Scene liveWithoutMargin() {
    return new Scene(false, null, false, TICK);
  }

  static Scene liveBesideOthers() {
    return new Scene(false, MARGIN, true, TICK);
  }

  static Scene bounded() {
    return new Scene(true, null, false, TICK);
  }

  static Scene versions(boolean bounded) {
    return new Scene(new VersionWatermarks(bounded));
  }

  /** Assigns a partition that ends at an offset, of which nothing has been read. */
  Scene partition(String id, long end) {
    return partition(id, end, false);
  }

  Scene partition(String id, long end, boolean hadRows) {
    watermarks.assign(id, hadRows, now);
    highs.put(id, end);
    positions.put(id, 0L);
    return this;
  }

  /** Appends to a partition what has not been read yet. */
  Scene append(String id, long messages) {
    highs.merge(id, messages, Long::sum);
    return this;
  }

  /** Reads one row that is there or, if there is none, appended at once. */
  Scene row(String id, long time) {
    Partition partition = watermarks.partitions.get(id);
    if (watermarks.isNews(partition, time - DELAY)) {
      watermarks.row(partition, time - DELAY, time);
    }
    return messages(id, 1);
  }

  /** Reads messages without a row: markers, aborted or unreadable ones. */
  Scene messages(String id, long count) {
    long position = positions.merge(id, count, Long::sum);
    highs.merge(id, position, Math::max);
    watermarks.read(id, position);
    return this;
  }

  /** Tells the position without a message: what an empty fetch does. */
  Scene fetchNothing(String id) {
    watermarks.read(id, positions.get(id));
    return this;
  }

  /** From here on messages behind this offset belong to an open transaction. */
  Scene openTransactionAt(String id, long offset) {
    stables.put(id, offset);
    return this;
  }

  Scene brokerIsAway(boolean away) {
    brokerIsAway = away;
    return this;
  }

  Scene leaderIsAway(String id) {
    leaderless = id;
    return this;
  }

  /** Holds answers back until {@link #deliver}. */
  Scene delayAnswers() {
    delays = true;
    return this;
  }

  Scene deliver() {
    delays = false;
    if (delayed != null) {
      emit(watermarks.answer(delayed, now));
      delayed = null;
    }
    return this;
  }

  /** Lets time pass, tick by tick. */
  Scene pass(long millis) {
    for (long passed = 0; passed < millis; passed += tick) {
      tick(tick, tick);
    }
    return this;
  }

  /** Lets time pass without a tick, then ticks once. */
  Scene tick(long millis, long wallMillis) {
    now += millis * 1_000_000;
    wall += wallMillis;
    emit(watermarks.tick(now, wall));
    Question question = watermarks.question(now, wall);
    if (question != null && !brokerIsAway) {
      Answer answer = answer(question);
      if (delays) {
        delayed = answer;
      } else {
        emit(watermarks.answer(answer, now));
      }
    } else if (question != null) {
      emit(watermarks.answer(new Answer(question.id(), Map.of()), now));
    }
    return this;
  }

  long wall() {
    return wall;
  }

  private Answer answer(Question question) {
    Map<String, End> ends = new HashMap<>();
    for (String id : question.partitions()) {
      if (!id.equals(leaderless)) {
        long high = highs.get(id);
        long stable = stables.getOrDefault(id, high);
        ends.put(id, new End(high, question.withStableEnds() ? stable : -1));
      }
    }
    return new Answer(question.id(), ends);
  }

  private void emit(long next) {
    watermark = Math.max(watermark, next);
  }
}
