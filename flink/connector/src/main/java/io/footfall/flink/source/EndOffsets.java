package io.footfall.flink.source;

import io.footfall.flink.source.SourceWatermarks.Answer;
import io.footfall.flink.source.SourceWatermarks.End;
import io.footfall.flink.source.SourceWatermarks.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.Admin;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.IsolationLevel;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;

/**
 * Asks the broker where partitions end, now. Answers come in their own time; partitions whose
 * leader is away are left out.
 */
final class EndOffsets implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 5_000;

  private final Admin admin;
  private final Runnable onAnswer;
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

  /**
   * @param properties of Kafka's consumer
   * @param clientId of these questions
   * @param onAnswer called on a thread of Kafka's client when an answer can be taken
   */
  EndOffsets(Properties properties, String clientId, Runnable onAnswer) {
    Properties own = new Properties();
    AdminClientConfig.configNames().stream()
        .filter(properties::containsKey)
        .forEach(name -> own.put(name, properties.get(name)));
    own.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId);
    this.admin = Admin.create(own);
    this.onAnswer = onAnswer;
  }

  /** Asks for the ends of the question's partitions, and comes back at once; never fails. */
  @SuppressWarnings("FutureReturnValueIgnored") // it is told by onAnswer
  void ask(Question question, Map<String, TopicPartition> names) {
    Map<TopicPartition, OffsetSpec> latest = question.partitions().stream()
        .collect(Collectors.toMap(names::get, id -> OffsetSpec.latest()));
    Map<TopicPartition, Long> high = new ConcurrentHashMap<>();
    Map<TopicPartition, Long> stable = new ConcurrentHashMap<>();
    List<CompletableFuture<?>> all =
        new ArrayList<>(list(latest, IsolationLevel.READ_UNCOMMITTED, high));
    if (question.withStableEnds()) {
      all.addAll(list(latest, IsolationLevel.READ_COMMITTED, stable));
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).whenComplete((done, failed) -> {
      Map<String, End> ends = new HashMap<>();
      for (String id : question.partitions()) {
        Long end = high.get(names.get(id));
        if (end != null) {
          ends.put(id, new End(end, stable.getOrDefault(names.get(id), -1L)));
        }
      }
      answers.add(new Answer(question.id(), ends));
      onAnswer.run();
    });
  }

  /** Returns the next answer, null if there is none. */
  Answer poll() {
    return answers.poll();
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }

  private List<CompletableFuture<?>> list(
      Map<TopicPartition, OffsetSpec> latest,
      IsolationLevel level,
      Map<TopicPartition, Long> found) {
    ListOffsetsResult result =
        admin.listOffsets(latest, new ListOffsetsOptions(level).timeoutMs(TIMEOUT_MILLIS));
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (TopicPartition partition : latest.keySet()) {
      all.add(result
          .partitionResult(partition)
          .toCompletionStage()
          .thenAccept(info -> found.put(partition, info.offset()))
          // Its leader is away: nothing is known of it.
          .exceptionally(failed -> null)
          .toCompletableFuture());
    }
    return all;
  }
}
