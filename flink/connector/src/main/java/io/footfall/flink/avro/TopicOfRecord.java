package io.footfall.flink.avro;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic of the message that Kafka's table source is about to have decoded.
 *
 * <p>A format is handed bytes alone; in a table over two topics it could only guess from a
 * message's schema what its topic should hold. The source's collector has the record at hand for
 * the metadata columns, but shows it to nobody, so it is looked up there. From another source, or
 * another version of it, there is no topic, and the schema's name decides ({@link Readers}).
 */
final class TopicOfRecord {

  private static final Logger LOG = LoggerFactory.getLogger(TopicOfRecord.class);
  private static final String COLLECTOR =
      "org.apache.flink.streaming.connectors.kafka.table.DynamicKafkaDeserializationSchema$OutputProjectionCollector";

  private static final Class<?> HOLDER = holder();
  private static final MethodHandle RECORD = record();

  private TopicOfRecord() {}

  /** Returns the topic, or null where there is none to be known. */
  static String of(Collector<?> out) {
    if (RECORD == null || out.getClass() != HOLDER) {
      return null;
    }
    try {
      ConsumerRecord<?, ?> record = (ConsumerRecord<?, ?>) RECORD.invokeExact(out);
      return record == null ? null : record.topic();
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static Class<?> holder() {
    try {
      return Class.forName(COLLECTOR, false, TopicOfRecord.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError absent) {
      return null;
    }
  }

  private static MethodHandle record() {
    if (HOLDER == null) {
      return null;
    }
    try {
      Field field = HOLDER.getDeclaredField("inputRecord");
      return MethodHandles.privateLookupIn(HOLDER, MethodHandles.lookup())
          .unreflectGetter(field)
          .asType(MethodType.methodType(ConsumerRecord.class, Collector.class));
    } catch (ReflectiveOperationException | RuntimeException other) {
      LOG.warn(
          "The topics of messages are not known to the format ({}); the names of their schemas decide",
          other.toString());
      return null;
    }
  }
}
