package io.footfall.flink.avro;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.RestService;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.Schema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaString;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;

/**
 * The schema registry's answers, told apart by whether the same question may be answered otherwise
 * later.
 */
final class Registry {

  /**
   * What Confluent's client says instead of the registry when an answer has no body that it knows.
   */
  private static final int NOT_UNDERSTOOD = 50005;
  /** Answers about who asks and how often, not about the schema. */
  private static final Set<Integer> PASSING = Set.of(401, 403, 407, 408, 425, 429);

  /**
   * Of Confluent's client, whose own are a minute: so long would a silent registry hold up a
   * checkpoint without a word.
   */
  private static final Map<String, Integer> TIMEOUTS_MILLIS =
      Map.of("http.connect.timeout.ms", 10_000, "http.read.timeout.ms", 10_000);

  private static final int CLIENT_ERRORS = 400;
  private static final int SERVER_ERRORS = 500;

  private final String url;
  private final RestService rest;

  /** A schema as it is registered. */
  record Registered(String text, String type, List<SchemaReference> references) {}

  /** There is no answer of the registry's for now. */
  static final class AwayException extends Exception {
    private static final long serialVersionUID = 1L;

    AwayException(String message) {
      super(message);
    }
  }

  private interface Question<T> {
    T ask() throws IOException, RestClientException;
  }

  /** @param properties of Confluent's client: TLS, logins, timeouts */
  Registry(String url, Map<String, ?> properties) {
    this.url = url;
    this.rest = new RestService(url);
    Map<String, Object> settings = new HashMap<>(TIMEOUTS_MILLIS);
    settings.putAll(properties);
    // The client is asked nothing; it sets up what it is given. Its own look-ups hide which answers
    // are final.
    new CachedSchemaRegistryClient(rest, 1, settings);
  }

  /** @throws UnreadableException there is no such schema, and asking again does not help */
  Registered byId(int id) throws AwayException {
    SchemaString answer = ask("schema id " + id, () -> rest.getId(id));
    if (answer == null || answer.getSchemaString() == null) {
      throw new AwayException(url + " answers without a schema");
    }
    return new Registered(answer.getSchemaString(), answer.getSchemaType(), answer.getReferences());
  }

  /** @throws UnreadableException there is no such schema, and asking again does not help */
  Registered referenced(SchemaReference reference) throws AwayException {
    String what =
        "referenced schema " + reference.getSubject() + " version " + reference.getVersion();
    Schema answer =
        ask(what, () -> rest.getVersion(reference.getSubject(), reference.getVersion()));
    if (answer == null || answer.getSchema() == null) {
      throw new AwayException(url + " answers without a schema");
    }
    return new Registered(answer.getSchema(), answer.getSchemaType(), answer.getReferences());
  }

  private <T> T ask(String what, Question<T> question) throws AwayException {
    try {
      return question.ask();
    } catch (RestClientException refused) {
      if (isFinal(refused.getStatus(), refused.getErrorCode())) {
        throw new UnreadableException(
            refused.getStatus() == 404
                ? what + " is not in the registry"
                : what + ": the registry answers " + refused.getStatus());
      }
      throw new AwayException(url + " answers " + refused.getStatus());
    } catch (RuntimeException unaskable) {
      throw new UnreadableException(what + " cannot be asked for: " + unaskable);
    } catch (IOException away) {
      throw new AwayException(url + " does not answer: " + away);
    }
  }

  /** Tells whether an error is the registry's own, and about what was asked. */
  static boolean isFinal(int status, int errorCode) {
    boolean isRegistrys = errorCode > 0 && errorCode != NOT_UNDERSTOOD;
    return isRegistrys
        && status >= CLIENT_ERRORS
        && status < SERVER_ERRORS
        && !PASSING.contains(status);
  }
}
