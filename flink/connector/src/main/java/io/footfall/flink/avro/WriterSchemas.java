package io.footfall.flink.avro;

import java.io.IOException;
import java.util.Map;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writers' schemas by id. An id that the registry does not know makes a message unreadable; a registry that is away does not. */
final class WriterSchemas {

  private static final Logger LOG = LoggerFactory.getLogger(WriterSchemas.class);
  private static final int REMEMBERED = 1000;
  private static final long RETRY_MILLIS = 1000;

  private final SchemaRegistryClient registry;
  private final String url;

  WriterSchemas(String url, Map<String, ?> properties) {
    this.url = url;
    this.registry = new CachedSchemaRegistryClient(url, REMEMBERED, properties);
  }

  /**
   * Returns the schema, and waits for the registry as long as that takes.
   *
   * @throws UnreadableException there is no such schema
   */
  Schema byId(int id) throws InterruptedException {
    while (true) {
      try {
        return registry.getById(id);
      } catch (RestClientException refused) {
        if (refused.getStatus() == 404) {
          throw new UnreadableException("schema id " + id + " is not in the registry");
        }
        LOG.warn("schema id {}: {} answers {}; trying again", id, url, refused.getStatus());
      } catch (IOException away) {
        LOG.warn("schema id {}: {} does not answer ({}); trying again", id, url, away.toString());
      }
      Thread.sleep(RETRY_MILLIS);
    }
  }
}
