package io.footfall.flink.avro;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.metrics.MetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writers' schemas by id. Whatever lies in the schema makes a message unreadable; only a registry
 * that is away is waited for, which the gauges {@code schemaIdAwaited} (-1: none) and
 * {@code schemaIdAwaitedSince} (milliseconds since 1970; 0: none) tell.
 */
final class WriterSchemas {

  private static final Logger LOG = LoggerFactory.getLogger(WriterSchemas.class);
  private static final int NONE = -1;
  private static final long RETRY_MILLIS = 1000;
  private static final long TOLD_EVERY_NANOS = Duration.ofMinutes(1).toNanos();

  private final Registry registry;
  private volatile int awaited = NONE;
  private volatile long awaitedSince;

  WriterSchemas(Registry registry, MetricGroup metrics) {
    this.registry = registry;
    metrics.gauge("schemaIdAwaited", () -> awaited);
    metrics.gauge("schemaIdAwaitedSince", () -> awaitedSince);
  }

  /**
   * Returns the schema, and waits for the registry as long as that takes.
   *
   * @throws UnreadableException there is no such schema, or it is none that can be used
   */
  Schema byId(int id) throws InterruptedException {
    if (id < 0) {
      throw new UnreadableException(
          "schema id " + Integer.toUnsignedString(id) + " is not in the registry");
    }
    long told = 0;
    try {
      while (true) {
        try {
          return parsed(id);
        } catch (Registry.AwayException away) {
          if (awaited != id) {
            awaitedSince = System.currentTimeMillis();
            awaited = id;
          }
          if (told == 0 || System.nanoTime() - told > TOLD_EVERY_NANOS) {
            told = System.nanoTime();
            LOG.warn(
                "schema id {}: {}; its messages wait, and are tried again every second",
                id,
                away.getMessage());
          }
        }
        Thread.sleep(RETRY_MILLIS);
      }
    } finally {
      awaited = NONE;
      awaitedSince = 0;
    }
  }

  private Schema parsed(int id) throws Registry.AwayException {
    Registry.Registered registered = registry.byId(id);
    // Foreign names and defaults are none of our business.
    Schema.Parser parser = new Schema.Parser().setValidate(false).setValidateDefaults(false);
    parseReferences(registered, parser, new HashSet<>(), "schema id " + id);
    return parse(registered, parser, "schema id " + id);
  }

  private void parseReferences(
      Registry.Registered registered,
      Schema.Parser parser,
      Set<Map.Entry<String, Integer>> seen,
      String what)
      throws Registry.AwayException {
    List<SchemaReference> references = registered.references();
    for (SchemaReference each : references == null ? List.<SchemaReference>of() : references) {
      if (seen.add(Map.entry(each.getSubject(), each.getVersion()))) {
        Registry.Registered referenced = registry.referenced(each);
        parseReferences(referenced, parser, seen, what);
        parse(referenced, parser, what);
      }
    }
  }

  private static Schema parse(Registry.Registered registered, Schema.Parser parser, String what) {
    String type = registered.type();
    if (type != null && !type.equals("AVRO")) {
      throw new UnreadableException(what + " is of type " + type + ", not AVRO");
    }
    try {
      return parser.parse(registered.text());
    } catch (RuntimeException | StackOverflowError none) {
      throw new UnreadableException(what + " is no Avro schema: " + firstLine(none));
    }
  }

  private static String firstLine(Throwable error) {
    return String.valueOf(error.getMessage())
        .lines()
        .findFirst()
        .orElse(error.getClass().getSimpleName());
  }
}
