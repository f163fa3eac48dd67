package io.footfall.flink.avro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of tests/support/foreign through the format; tests/unit/schemas/test_foreign.py has the
 * same through the codec.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignInputsTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NOT_FOUND = "{\"error_code\": 40403, \"message\": \"not found\"}";

  private final Map<String, JsonNode> answers = new LinkedHashMap<>();
  private JsonNode table;
  private HttpServer server;
  private Registry registry;

  @BeforeAll
  void begin() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/foreign_inputs.json")) {
      table = JSON.readTree(in);
    }
    for (JsonNode each : table.get("cases")) {
      each.get("answers")
          .fields()
          .forEachRemaining(answer -> answers.put(answer.getKey(), answer.getValue()));
    }
    server = Stubs.registry(path ->
        answers.containsKey(path) ? answer(answers.get(path)) : new Stubs.Answer(404, NOT_FOUND));
    registry = new Registry("http://localhost:" + server.getAddress().getPort(), Map.of());
  }

  @AfterAll
  void end() {
    server.stop(0);
  }

  Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    table.get("cases").forEach(each -> cases.add(Arguments.of(each.get("name").asText(), each)));
    return cases.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void aForeignInputIsItsValueOrItsDeadLetter(String name, JsonNode given) throws IOException {
    JsonNode kind = table.get("tables").get(given.get("table").asText());
    RowType columns =
        Columns.of(Readers.parse(kind.get("schemas").toString(), List.of()).schemas());

    GenericRowData row = (GenericRowData)
        decoder(columns, kind).deserialize(message(given), given.get("topic").asText());

    assertNotNull(row);
    Object reason = row.getField(columns.getFieldIndex(AvroRowDecoder.REASON));
    if (given.get("value").isNull()) {
      assertNotNull(reason, "read as " + row);
      assertTrue(reason.toString().contains(given.get("reason").asText()), reason.toString());
    } else {
      assertEquals("null", String.valueOf(reason));
      assertEquals(
          Columns.plain(given.get("value")), Columns.named(row, columns, given.get("value")));
    }
  }

  /** Whether a message can be read must not depend on what is read of it. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void itIsTheSameToATableOfFewColumns(String name, JsonNode given) throws IOException {
    JsonNode kind = table.get("tables").get(given.get("table").asText());
    RowType columns = Columns.of(List.of());

    GenericRowData row = (GenericRowData)
        decoder(columns, kind).deserialize(message(given), given.get("topic").asText());

    Object reason = row.getField(columns.getFieldIndex(AvroRowDecoder.REASON));
    assertEquals(given.get("value").isNull(), reason != null, String.valueOf(reason));
    assertFalse(
        reason != null && !reason.toString().contains(given.get("reason").asText()),
        String.valueOf(reason));
  }

  private AvroRowDecoder decoder(RowType columns, JsonNode kind) {
    List<String> topics = new ArrayList<>();
    kind.get("topics").forEach(topic -> topics.add(topic.asText()));
    String readers = kind.get("schemas").toString();
    Readers.parse(readers, topics).check(columns);
    AvroRowDecoder decoder = new AvroRowDecoder(
        columns, null, "", Map.of(), readers, topics, new TimeLimit(columns, null), false);
    decoder.open(new WriterSchemas(registry, new UnregisteredMetricsGroup()));
    return decoder;
  }

  private static byte[] message(JsonNode given) throws IOException {
    if (given.get("message").isNull()) {
      return null;
    }
    byte[] deflated = Base64.getDecoder().decode(given.get("message").asText());
    return new InflaterInputStream(new ByteArrayInputStream(deflated)).readAllBytes();
  }

  private static Stubs.Answer answer(JsonNode answer) {
    return new Stubs.Answer(answer.get("status").asInt(), answer.get("body").toString());
  }
}
