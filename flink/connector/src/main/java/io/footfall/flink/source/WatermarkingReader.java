package io.footfall.flink.source;

import io.footfall.flink.source.SourceWatermarks.Answer;
import io.footfall.flink.source.SourceWatermarks.Question;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;
import org.apache.flink.table.data.RowData;

/**
 * Kafka's reader with watermarks of its own: tells {@link SourceWatermarks} what happens, and emits
 * what it decides.
 */
final class WatermarkingReader
    implements SourceReader<RowData, KafkaPartitionSplit>, PositionListener {

  private final Parts parts;
  private final SourceWatermarks watermarks;
  private final Map<String, TopicPartition> names = new HashMap<>();
  private PerSplit output;
  private long emitted = Partition.NONE;

  /**
   * What the reader works with.
   *
   * @param times null where rows' times play no part
   * @param ends null where nothing is asked
   * @param onEveryRow the watermark is looked at after each row, and not only at ticks
   * @param wake has the fetcher tell its positions
   */
  record Parts(
      SourceReader<RowData, KafkaPartitionSplit> kafka,
      RowTimes times,
      Ticker ticker,
      EndOffsets ends,
      boolean onEveryRow,
      Runnable wake) {}

  WatermarkingReader(
      SourceWatermarks watermarks, java.util.function.Function<PositionListener, Parts> parts) {
    this.watermarks = watermarks;
    this.parts = parts.apply(this);
  }

  @Override
  public void start() {
    parts.kafka.start();
  }

  @Override
  public InputStatus pollNext(ReaderOutput<RowData> to) throws Exception {
    if (output == null || output.to != to) {
      output = new PerSplit(to);
    }
    if (parts.ticker.rings()) {
      look();
    }
    InputStatus status = parts.kafka.pollNext(output);
    if (parts.onEveryRow) {
      emit(watermarks.tick(System.nanoTime(), System.currentTimeMillis()));
    }
    return status;
  }

  @Override
  public void read(Map<TopicPartition, Long> positions) {
    positions.forEach((partition, position) ->
        watermarks.read(KafkaPartitionSplit.toSplitId(partition), position));
  }

  @Override
  public void addSplits(List<KafkaPartitionSplit> splits) {
    for (KafkaPartitionSplit split : splits) {
      names.put(split.splitId(), split.getTopicPartition());
      // One that was read before goes on at an offset; a new one begins at a place that has only a
      // name.
      watermarks.assign(split.splitId(), split.getStartingOffset() >= 0, System.nanoTime());
    }
    parts.kafka.addSplits(splits);
  }

  @Override
  public List<KafkaPartitionSplit> snapshotState(long checkpoint) {
    return parts.kafka.snapshotState(checkpoint);
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    return parts.kafka.isAvailable();
  }

  @Override
  public void notifyNoMoreSplits() {
    parts.kafka.notifyNoMoreSplits();
  }

  @Override
  public void handleSourceEvents(SourceEvent event) {
    parts.kafka.handleSourceEvents(event);
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) throws Exception {
    parts.kafka.notifyCheckpointComplete(checkpoint);
  }

  @Override
  public void pauseOrResumeSplits(Collection<String> pause, Collection<String> resume) {
    parts.kafka.pauseOrResumeSplits(pause, resume);
  }

  @Override
  public void close() throws Exception {
    parts.ticker.close();
    if (parts.ends != null) {
      parts.ends.close();
    }
    parts.kafka.close();
  }

  private void look() {
    if (parts.ticker.isAnswered()) {
      hear();
    }
    if (parts.ticker.isDue()) {
      tick();
    }
  }

  private void hear() {
    Answer answer;
    while ((answer = parts.ends.poll()) != null) {
      emit(watermarks.answer(answer, System.nanoTime()));
    }
  }

  private void tick() {
    long now = System.nanoTime();
    long wall = System.currentTimeMillis();
    emit(watermarks.tick(now, wall));
    Question question = parts.ends == null ? null : watermarks.question(now, wall);
    if (question != null) {
      parts.ends.ask(question, names);
      if (watermarks.partitions.values().stream().anyMatch(each -> each.read < 0)) {
        parts.wake.run();
      }
    }
  }

  private void emit(long watermark) {
    if (watermark > emitted) {
      emitted = watermark;
      output.to.emitWatermark(new Watermark(watermark));
    }
  }

  /** Hands rows on and notes their times, by split. */
  private final class PerSplit implements ReaderOutput<RowData> {

    private final ReaderOutput<RowData> to;

    PerSplit(ReaderOutput<RowData> to) {
      this.to = to;
    }

    @Override
    public SourceOutput<RowData> createOutputForSplit(String id) {
      return parts.times == null ? to : new OfSplit(to, parts.times, watermarks, id);
    }

    @Override
    public void releaseOutputForSplit(String id) {
      watermarks.release(id);
      names.remove(id);
    }

    @Override
    public void collect(RowData row) {
      to.collect(row);
    }

    @Override
    public void collect(RowData row, long timestamp) {
      to.collect(row, timestamp);
    }

    @Override
    public void emitWatermark(Watermark watermark) {}

    @Override
    public void markIdle() {}

    @Override
    public void markActive() {}
  }

  private static final class OfSplit implements SourceOutput<RowData> {

    private final ReaderOutput<RowData> to;
    private final RowTimes times;
    private final SourceWatermarks watermarks;
    private final Partition partition;

    OfSplit(ReaderOutput<RowData> to, RowTimes times, SourceWatermarks watermarks, String id) {
      this.to = to;
      this.times = times;
      this.watermarks = watermarks;
      this.partition = watermarks.partitions.get(id);
    }

    @Override
    public void collect(RowData row) {
      to.collect(row);
      note(row);
    }

    @Override
    public void collect(RowData row, long timestamp) {
      to.collect(row, timestamp);
      note(row);
    }

    private void note(RowData row) {
      try {
        Long watermark = times.watermark(row);
        if (watermark != null && watermarks.isNews(partition, watermark)) {
          watermarks.row(partition, watermark, times.time(row));
        }
      } catch (Exception wrong) {
        throw new IllegalStateException("the watermark's expression fails", wrong);
      }
    }

    @Override
    public void emitWatermark(Watermark watermark) {}

    @Override
    public void markIdle() {}

    @Override
    public void markActive() {}
  }
}
