package io.footfall.flink.adhoc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.ResultKind;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/**
 * Runs SQL statements in a cluster inside this process and writes what they answer.
 *
 * <p>Standard input holds one line of JSON: {@code {"options": {}, "batch": false, "setup": [],
 * "statements": [], "limit": 0}}. When it ends, whoever asked is gone, and so is this process.
 * Standard output gets one line of JSON each: an object with the columns of a result, an array for
 * each of its rows (first what happened to it, then its values), an object with the error and the
 * number of its statement.
 */
public final class Statements {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SET = Pattern.compile(
      "SET\\s+'([^']+)'\\s*=\\s*'([^']*)'", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  /** What answers by nothing but its end. */
  private static final Pattern WRITES = Pattern.compile(
      "\\s*(INSERT|EXECUTE|CREATE|REPLACE|UPDATE|DELETE)\\b", Pattern.CASE_INSENSITIVE);

  private static final int FAILED = 1;

  private final TableEnvironment environment;
  private final PrintStream answers;
  private final long limit;

  private Statements(TableEnvironment environment, PrintStream answers, long limit) {
    this.environment = environment;
    this.answers = answers;
    this.limit = limit;
  }

  /**
   * Runs the statements of the one line on standard input and ends with status 0, or 1 if one
   * failed.
   *
   * @throws IOException standard input cannot be read
   */
  public static void main(String[] none) throws IOException {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    // Whatever a library prints must not get between the answers.
    System.setOut(System.err);
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    JsonNode asked = JSON.readTree(input.readLine());
    endWith(input);
    int status = run(asked, answers);
    answers.flush();
    // Nothing of a cluster that served one question is worth an orderly end.
    Runtime.getRuntime().halt(status);
  }

  private static int run(JsonNode asked, PrintStream answers) throws IOException {
    int number = 0;
    try {
      Statements run =
          new Statements(environment(asked), answers, asked.get("limit").asLong());
      for (JsonNode sql : asked.get("setup")) {
        run.environment.executeSql(sql.asText());
      }
      for (JsonNode sql : asked.get("statements")) {
        number++;
        run.answer(sql.asText());
      }
      return 0;
    } catch (Exception failure) {
      failure.printStackTrace();
      ObjectNode error =
          JSON.createObjectNode().put("error", Reasons.of(failure)).put("statement", number);
      answers.println(JSON.writeValueAsString(error));
      return FAILED;
    }
  }

  private static TableEnvironment environment(JsonNode asked) {
    Configuration configuration = new Configuration();
    asked
        .get("options")
        .fields()
        .forEachRemaining(
            entry -> configuration.setString(entry.getKey(), entry.getValue().asText()));
    EnvironmentSettings.Builder settings =
        EnvironmentSettings.newInstance().withConfiguration(configuration);
    return TableEnvironment.create(
        asked.get("batch").asBoolean()
            ? settings.inBatchMode().build()
            : settings.inStreamingMode().build());
  }

  private void answer(String sql) throws Exception {
    Matcher option = SET.matcher(sql.strip());
    if (option.matches()) {
      environment.getConfig().set(option.group(1), option.group(2));
      return;
    }
    TableResult result = environment.executeSql(sql);
    if (WRITES.matcher(sql).lookingAt()) {
      if (result.getJobClient().isPresent()) {
        result.getJobClient().get().getJobExecutionResult().get();
      }
      return;
    }
    if (result.getResultKind() != ResultKind.SUCCESS_WITH_CONTENT) {
      return;
    }
    answers.println(JSON.writeValueAsString(JsonRows.header(result.getResolvedSchema())));
    JsonRows rows = new JsonRows(result.getResolvedSchema());
    try (CloseableIterator<Row> found = result.collect()) {
      for (long count = 0; (limit == 0 || count < limit) && found.hasNext(); count++) {
        answers.println(JSON.writeValueAsString(rows.json(found.next())));
      }
    }
  }

  private static void endWith(BufferedReader input) {
    Thread watch = new Thread(
        () -> {
          try {
            while (input.read() >= 0) {}
          } catch (IOException gone) {
            // as good as its end
          }
          Runtime.getRuntime().halt(FAILED);
        },
        "asker");
    watch.setDaemon(true);
    watch.start();
  }
}
