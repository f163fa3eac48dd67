package io.footfall.flink.avro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which answers of a registry are waited for, and which make a message unreadable; test_registry.py
 * has the same.
 */
class RegistryTest {

  private static final String RECORD =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"string\"}]}";
  private static final Stubs.Answer THERE =
      new Stubs.Answer(200, "{\"schema\": " + quoted(RECORD) + "}");
  private static final Stubs.Answer AWAY =
      new Stubs.Answer(503, "{\"error_code\": 50003, \"message\": \"later\"}");

  private final AtomicReference<Stubs.Answer> answer = new AtomicReference<>(THERE);
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void begin() throws IOException {
    server = Stubs.registry(path -> {
      asked.incrementAndGet();
      return answer.get();
    });
  }

  @AfterEach
  void end() {
    server.stop(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | {\"error_code\": 40403}",
        "400 | {\"error_code\": 400, \"message\": \"no\"}",
        "410 | {\"error_code\": 41001, \"message\": \"gone\", \"detail\": \"more\"}",
        "422 | {\"error_code\": 42201, \"message\": \"invalid\"}",
      })
  void anErrorAboutTheSchemaIsFinal(int status, String body) {
    answer.set(new Stubs.Answer(status, body));

    assertThrows(UnreadableException.class, () -> registry().byId(7));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | <html>no such page</html>",
        "404 | {\"message\": \"no Route matched with those values\"}",
        "404 | ''",
        "400 | <html>bad request</html>",
        "401 | {\"error_code\": 40101, \"message\": \"who\"}",
        "403 | {\"error_code\": 40301, \"message\": \"no\"}",
        "407 | {\"error_code\": 40701, \"message\": \"proxy\"}",
        "408 | {\"error_code\": 40801, \"message\": \"slow\"}",
        "429 | {\"error_code\": 42901, \"message\": \"often\"}",
        "500 | {\"error_code\": 50001, \"message\": \"oh\"}",
        "503 | ''",
        "200 | <html>log in</html>",
        "200 | {}",
        "200 | []",
      })
  void anyOtherAnswerIsWaitedFor(int status, String body) {
    answer.set(new Stubs.Answer(status, body));

    assertThrows(Registry.AwayException.class, () -> registry().byId(7));
  }

  @Test
  void silenceIsWaitedFor() {
    Registry registry = registry();
    server.stop(0);

    assertThrows(Registry.AwayException.class, () -> registry.byId(7));
  }

  @Test
  void noAnswerInTimeIsWaitedFor() throws IOException {
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "http://localhost:" + mute.getLocalPort();
      Registry registry = new Registry(address, Map.of("http.read.timeout.ms", "200"));

      assertTimeoutPreemptively(
          Duration.ofSeconds(8),
          () -> assertThrows(Registry.AwayException.class, () -> registry.byId(7)));
    }
  }

  @Test
  void whatIsAwaitedIsToldUntilItComes() throws Exception {
    Map<String, Gauge<?>> gauges = new ConcurrentHashMap<>();
    UnregisteredMetricsGroup metrics = new UnregisteredMetricsGroup() {
      @Override
      public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
        gauges.put(name, gauge);
        return gauge;
      }
    };
    WriterSchemas schemas = new WriterSchemas(registry(), metrics);
    answer.set(AWAY);
    long before = System.currentTimeMillis();

    CompletableFuture<Schema> found = CompletableFuture.supplyAsync(() -> byId(schemas, 7));
    until(() -> gauges.get("schemaIdAwaited").getValue().equals(7));
    assertTrue((long) gauges.get("schemaIdAwaitedSince").getValue() >= before);
    answer.set(THERE);

    assertEquals("R", found.get(30, TimeUnit.SECONDS).getName());
    assertEquals(-1, gauges.get("schemaIdAwaited").getValue());
    assertEquals(0L, gauges.get("schemaIdAwaitedSince").getValue());
  }

  @Test
  void aSchemaThatIsNoneIsAskedForOnce() throws Exception {
    RowType table = Columns.of(Readers.parse("[" + RECORD + "]", List.of()).schemas());
    AvroRowDecoder decoder = new AvroRowDecoder(
        table,
        null,
        url(),
        Map.of(),
        "[" + RECORD + "]",
        List.of(),
        new TimeLimit(table, null),
        false);
    decoder.open(new WriterSchemas(registry(), new UnregisteredMetricsGroup()));
    answer.set(new Stubs.Answer(200, "{\"schema\": \"{}\", \"schemaType\": \"JSON\"}"));

    for (int time = 0; time < 3; time++) {
      RowData row = decoder.deserialize(new byte[] {0, 0, 0, 0, 7, 2, 'a'});
      assertEquals("schema id 7 is of type JSON, not AVRO", row.getString(1).toString());
    }
    assertEquals(1, asked.get());
  }

  private Registry registry() {
    return new Registry(url(), Map.of());
  }

  private String url() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  private static Schema byId(WriterSchemas schemas, int id) {
    try {
      return schemas.byId(id);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  private static void until(BooleanSupplier holds) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not within 30 s");
      Thread.sleep(20);
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\\\"") + '"';
  }
}
