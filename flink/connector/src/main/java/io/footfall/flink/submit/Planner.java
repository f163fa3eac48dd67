package io.footfall.flink.submit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.PlanReference;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;

/**
 * A table environment that another process works with, for platforms without PyFlink.
 *
 * <p>Each line of standard input is an order in JSON, the first one {@code {"options": {}}}, and
 * each is answered by one line: {@code {}}, what the order asks for, or {@code {"error": "a stack
 * trace"}}. Ends with its input.
 *
 * <ul>
 *   <li>{@code {"do": "execute", "sql": "..."}}
 *   <li>{@code {"do": "view", "name": "...", "sql": "..."}}: a query under a name, which a planner
 *       optimizes once however often it is read; CREATE VIEW would expand it for each reader.
 *   <li>{@code {"do": "schema", "name": "..."}}, answered by {@code {"schema": "..."}}, the columns
 *       as Flink prints them
 *   <li>{@code {"do": "set", "option": "...", "value": "..."}}
 *   <li>{@code {"do": "compile", "inserts": ["..."]}}, answered by {@code {"plan": "..."}}
 *   <li>{@code {"do": "submit", "plan": "..."}}, answered by {@code {"job": "..."}}
 * </ul>
 */
public final class Planner {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Planner() {}

  /**
   * Follows the orders on standard input, one a line, until it ends.
   *
   * @throws IOException standard input cannot be read
   */
  public static void main(String[] none) throws IOException {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    // Whatever a library prints must not get between the answers.
    System.setOut(System.err);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    TableEnvironment environment = null;
    for (String line; (line = orders.readLine()) != null; ) {
      ObjectNode answer = JSON.createObjectNode();
      try {
        JsonNode order = JSON.readTree(line);
        if (environment == null) {
          environment = environment(order.get("options"));
        } else {
          follow(order, environment, answer);
        }
      } catch (Exception failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        answer.put("error", trace.toString());
      }
      answers.println(JSON.writeValueAsString(answer));
    }
    // What the client keeps running is of no use to anybody.
    Runtime.getRuntime().halt(0);
  }

  private static TableEnvironment environment(JsonNode options) {
    Configuration configuration = new Configuration();
    options
        .fields()
        .forEachRemaining(
            entry -> configuration.setString(entry.getKey(), entry.getValue().asText()));
    return TableEnvironment.create(EnvironmentSettings.newInstance()
        .withConfiguration(configuration)
        .inStreamingMode()
        .build());
  }

  private static void follow(JsonNode order, TableEnvironment environment, ObjectNode answer) {
    switch (order.get("do").asText()) {
      case "execute" -> environment.executeSql(order.get("sql").asText());
      case "view" ->
        environment.createTemporaryView(
            order.get("name").asText(), environment.sqlQuery(order.get("sql").asText()));
      case "schema" ->
        answer.put(
            "schema",
            environment.from(order.get("name").asText()).getResolvedSchema().toString());
      case "set" ->
        environment
            .getConfig()
            .set(order.get("option").asText(), order.get("value").asText());
      case "compile" -> {
        StatementSet job = environment.createStatementSet();
        order.get("inserts").forEach(sql -> job.addInsertSql(sql.asText()));
        answer.put("plan", job.compilePlan().asJsonString());
      }
      case "submit" -> {
        PlanReference plan = PlanReference.fromJsonString(order.get("plan").asText());
        answer.put(
            "job",
            environment
                .loadPlan(plan)
                .execute()
                .getJobClient()
                .orElseThrow()
                .getJobID()
                .toString());
      }
      default -> throw new IllegalArgumentException("no such order: " + order);
    }
  }
}
