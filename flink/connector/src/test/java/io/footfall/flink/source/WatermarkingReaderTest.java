package io.footfall.flink.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.generated.GeneratedWatermarkGeneratorSupplier.DefaultWatermarkGenerator;
import org.apache.flink.table.runtime.generated.WatermarkGenerator;
import org.apache.flink.table.watermark.WatermarkEmitStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The reader around one that stands for Kafka's, which emits what a test tells it to. */
class WatermarkingReaderTest {

  private static final TopicPartition FIRST = new TopicPartition("clickstream", 0);
  private static final TopicPartition SECOND = new TopicPartition("clickstream", 1);
  private static final long NEVER = Duration.ofDays(1).toMillis();

  private final Kafka kafka = new Kafka();
  private final Output output = new Output();
  private final SourceWatermarks watermarks = new BoundedWatermarks();
  private WatermarkingReader reader;
  private PositionListener listener;

  @AfterEach
  void close() throws Exception {
    reader.close();
  }

  @Test
  void theWatermarkIsLookedAtAfterEveryRowIfThatIsWanted() throws Exception {
    open(NEVER, true, FIRST, SECOND);

    kafka.emits(FIRST, row(10_000)).emits(SECOND, row(20_000)).emits(FIRST, row(15_000));
    poll(3);

    assertThat(output.seen)
        .containsExactly(
            "row 10000", "row 20000", "watermark 5000", "row 15000", "watermark 10000");
  }

  @Test
  void elseItIsLookedAtNowAndThen() throws Exception {
    open(20, false, FIRST);
    kafka.emits(FIRST, row(10_000));
    poll(1);
    assertThat(output.seen).containsExactly("row 10000");

    pollUntil("watermark 5000");
  }

  @Test
  void theSameWatermarkIsToldOnce() throws Exception {
    open(NEVER, true, FIRST);

    kafka.emits(FIRST, row(10_000)).emits(FIRST, row(9_000));
    poll(5);

    assertThat(output.seen).containsExactly("row 10000", "watermark 5000", "row 9000");
  }

  @Test
  void anUnreadableMessageMovesNothing() throws Exception {
    open(NEVER, true, FIRST);

    kafka.emits(
        FIRST,
        GenericRowData.of(TimestampData.fromEpochMillis(99_000), StringData.fromString("garbage")));
    poll(1);

    assertThat(output.seen).containsExactly("row 99000");
  }

  @Test
  void aPartitionThatIsReadToItsEndHoldsNothingBack() throws Exception {
    open(NEVER, true, FIRST, SECOND);
    kafka.emits(FIRST, row(10_000));
    poll(1);
    assertThat(output.seen).containsExactly("row 10000");

    kafka.finishes(SECOND);
    poll(1);

    assertThat(output.seen).containsExactly("row 10000", "watermark 5000");
  }

  @Test
  void positionsAreNotedOfPartitionsThatAreStillRead() throws Exception {
    open(NEVER, true, FIRST);

    listener.read(Map.of(FIRST, 42L, SECOND, 7L));

    assertThat(watermarks.partitions.get(id(FIRST)).read).isEqualTo(42);
    assertThat(watermarks.partitions).hasSize(1);
  }

  @Test
  void whatElseFlinkAsksIsAnsweredByKafkasReader() throws Exception {
    open(NEVER, true, FIRST);
    reader.start();
    reader.notifyNoMoreSplits();
    reader.notifyCheckpointComplete(3);
    reader.pauseOrResumeSplits(List.of("a"), List.of("b"));
    reader.handleSourceEvents(null);

    assertThat(reader.snapshotState(2)).isEqualTo(kafka.splits);
    assertThat(reader.isAvailable()).isDone();
    reader.close();
    assertThat(kafka.calls)
        .containsExactly(
            "start",
            "no more splits",
            "complete 3",
            "pause [a] resume [b]",
            "event",
            "snapshot 2",
            "close");
  }

  @Test
  void withoutTimesRowsAreOnlyPassedOn() throws Exception {
    reader = new WatermarkingReader(
        watermarks,
        self -> new WatermarkingReader.Parts(kafka, null, ticker(NEVER), null, true, () -> {}));
    reader.addSplits(List.of(new KafkaPartitionSplit(FIRST, 0)));

    kafka.emits(FIRST, row(10_000));
    poll(1);

    assertThat(output.seen).containsExactly("row 10000");
  }

  private void open(long tickMillis, boolean onEveryRow, TopicPartition... partitions) {
    WatermarkStrategy<RowData> strategy = context ->
        new DefaultWatermarkGenerator(new FiveSecondsBehind(), WatermarkEmitStrategy.ON_PERIODIC);
    RowTimes times = RowTimes.of(strategy, 1, new UnregisteredMetricsGroup());
    reader = new WatermarkingReader(watermarks, self -> {
      listener = self;
      return new WatermarkingReader.Parts(
          kafka, times, ticker(tickMillis), null, onEveryRow, () -> {});
    });
    List<KafkaPartitionSplit> splits = new ArrayList<>();
    for (TopicPartition partition : partitions) {
      splits.add(new KafkaPartitionSplit(partition, 0));
    }
    reader.addSplits(splits);
  }

  private static Ticker ticker(long millis) {
    return new Ticker(millis, "watermarks of a test", () -> {});
  }

  private void poll(int times) throws Exception {
    for (int time = 0; time < times; time++) {
      reader.pollNext(output);
    }
  }

  private void pollUntil(String last) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!output.seen.get(output.seen.size() - 1).equals(last)) {
      assertThat(System.nanoTime()).as("time to see %s", last).isLessThan(deadline);
      poll(1);
      Thread.sleep(5);
    }
  }

  private static String id(TopicPartition partition) {
    return KafkaPartitionSplit.toSplitId(partition);
  }

  private static RowData row(long time) {
    return GenericRowData.of(TimestampData.fromEpochMillis(time), null);
  }

  private interface Step {
    void run(ReaderOutput<RowData> output);
  }

  private static final class Kafka implements SourceReader<RowData, KafkaPartitionSplit> {

    final List<String> calls = new ArrayList<>();
    List<KafkaPartitionSplit> splits = List.of();
    private final Deque<Step> steps = new ArrayDeque<>();

    Kafka emits(TopicPartition partition, RowData row) {
      steps.add(output -> output.createOutputForSplit(id(partition)).collect(row));
      return this;
    }

    void finishes(TopicPartition partition) {
      steps.add(output -> output.releaseOutputForSplit(id(partition)));
    }

    @Override
    public InputStatus pollNext(ReaderOutput<RowData> output) {
      if (steps.isEmpty()) {
        return InputStatus.NOTHING_AVAILABLE;
      }
      steps.removeFirst().run(output);
      return InputStatus.MORE_AVAILABLE;
    }

    @Override
    public void addSplits(List<KafkaPartitionSplit> added) {
      splits = added;
    }

    @Override
    public void start() {
      calls.add("start");
    }

    @Override
    public List<KafkaPartitionSplit> snapshotState(long checkpoint) {
      calls.add("snapshot " + checkpoint);
      return splits;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void notifyNoMoreSplits() {
      calls.add("no more splits");
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
      calls.add("complete " + checkpoint);
    }

    @Override
    public void pauseOrResumeSplits(
        java.util.Collection<String> pause, java.util.Collection<String> resume) {
      calls.add("pause " + pause + " resume " + resume);
    }

    @Override
    public void handleSourceEvents(org.apache.flink.api.connector.source.SourceEvent event) {
      calls.add("event");
    }

    @Override
    public void close() {
      if (!calls.contains("close")) {
        calls.add("close");
      }
    }
  }

  private static final class Output implements ReaderOutput<RowData> {

    final List<String> seen = new ArrayList<>();

    @Override
    public void collect(RowData row) {
      seen.add("row " + row.getTimestamp(0, 3).getMillisecond());
    }

    @Override
    public void collect(RowData row, long timestamp) {
      collect(row);
    }

    @Override
    public void emitWatermark(Watermark watermark) {
      seen.add("watermark " + watermark.getTimestamp());
    }

    @Override
    public void markIdle() {
      seen.add("idle");
    }

    @Override
    public void markActive() {
      seen.add("active");
    }

    @Override
    public SourceOutput<RowData> createOutputForSplit(String id) {
      throw new UnsupportedOperationException("the watermark is not decided by split");
    }

    @Override
    public void releaseOutputForSplit(String id) {
      throw new UnsupportedOperationException("the watermark is not decided by split");
    }
  }

  private static final class FiveSecondsBehind extends WatermarkGenerator {

    @Override
    public Long currentWatermark(RowData row) {
      return row.getTimestamp(0, 3).getMillisecond() - 5_000;
    }

    @Override
    public long extractTimestamp(RowData row) {
      return row.getTimestamp(0, 3).getMillisecond();
    }
  }
}
