package io.footfall.flink.avro;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;

/**
 * Decodes messages in Confluent's wire format into rows and never throws for what a message holds.
 *
 * <p>A message that cannot be read becomes a row with the reason in column {@value #REASON} and its
 * bytes in column {@value #RAW}; other columns are null, or neutral where they must not be. A table
 * without these columns does not get such rows.
 */
final class AvroRowDecoder implements DeserializationSchema<RowData> {

  static final String REASON = "decode_error";
  static final String RAW = "raw_value";

  private static final long serialVersionUID = 1L;
  private static final int HEADER = 5;
  private static final int REMEMBERED_IDS = 1000;
  private static final long UNREADABLE_FOR_NANOS = 60_000_000_000L;
  /** More would not fit into a message of dead-letters (schemas/quality/dead-letters.avsc). */
  private static final int LONGEST_KEPT = 8 << 20;

  private final RowType table;
  private final TypeInformation<RowData> produced;
  private final String url;
  private final Map<String, String> properties;
  private final String readers;
  private final List<String> topics;
  private final TimeLimit limit;
  private final boolean skipsTombstones;
  private final int reasonColumn;
  private final int rawColumn;

  private transient Readers readerSchemas;
  private transient WriterSchemas schemas;
  private transient Map<Written, RecordReader> records;
  private transient Map<Written, Unreadable> unreadable;
  private transient AvroBytes bytes;
  private transient int lastId;
  private transient String lastTopic;
  private transient RecordReader lastRecord;

  /** What a message was written with, and for which topic; null if that is not known. */
  private record Written(int id, String topic) {}

  private record Unreadable(String reason, long until) {}

  AvroRowDecoder(
      RowType table,
      TypeInformation<RowData> produced,
      String url,
      Map<String, String> properties,
      String readers,
      List<String> topics,
      TimeLimit limit,
      boolean skipsTombstones) {
    this.table = table;
    this.produced = produced;
    this.url = url;
    this.properties = properties;
    this.readers = readers;
    this.topics = topics;
    this.limit = limit;
    this.skipsTombstones = skipsTombstones;
    this.reasonColumn = table.getFieldNames().indexOf(REASON);
    this.rawColumn = table.getFieldNames().indexOf(RAW);
  }

  @Override
  public void open(InitializationContext context) {
    open(new WriterSchemas(new Registry(url, properties), context.getMetricGroup()));
  }

  void open(WriterSchemas writers) {
    readerSchemas = Readers.parse(readers, topics);
    schemas = writers;
    records = new HashMap<>();
    unreadable = new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<Written, Unreadable> eldest) {
        return size() > REMEMBERED_IDS;
      }
    };
    bytes = new AvroBytes();
    lastRecord = null;
  }

  @Override
  public void deserialize(byte[] message, Collector<RowData> out) {
    RowData row = deserialize(message, topics.size() > 1 ? TopicOfRecord.of(out) : null);
    if (row != null) {
      out.collect(row);
    }
  }

  @Override
  public RowData deserialize(byte[] message) {
    return deserialize(message, (String) null);
  }

  RowData deserialize(byte[] message, String topic) {
    if (message == null && skipsTombstones) {
      return null;
    }
    String reason;
    try {
      return decode(message, topic);
    } catch (UnreadableException why) {
      reason = why.getMessage();
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("cancelled while waiting for the schema registry", cancelled);
    } catch (RuntimeException | StackOverflowError fault) {
      // Whatever else a message brings about lies in it, too: the next one is read all the same.
      reason = "cannot be decoded: " + fault;
    }
    return reasonColumn < 0 ? null : neutral(reason, message);
  }

  private RowData decode(byte[] message, String topic) throws InterruptedException {
    if (message == null) {
      throw new UnreadableException("no value (a tombstone)");
    }
    if (message.length <= HEADER) {
      throw new UnreadableException(message.length + " bytes are too short for the wire format");
    }
    if (message[0] != 0) {
      throw new UnreadableException("magic byte is " + (message[0] & 0xFF) + ", not 0");
    }
    RecordReader record = record(idOf(message), topic);
    bytes.reset(message, HEADER);
    GenericRowData row = record.read(bytes);
    if (bytes.left() > 0) {
      throw new UnreadableException(bytes.left() + " bytes after the record");
    }
    limit.check(row);
    return row;
  }

  @Override
  public boolean isEndOfStream(RowData row) {
    return false;
  }

  @Override
  public TypeInformation<RowData> getProducedType() {
    return produced;
  }

  private static int idOf(byte[] message) {
    return (message[1] & 0xFF) << 24
        | (message[2] & 0xFF) << 16
        | (message[3] & 0xFF) << 8
        | (message[4] & 0xFF);
  }

  @SuppressWarnings("ReferenceEquality") // another instance of a topic's name only costs a look-up
  private RecordReader record(int id, String topic) throws InterruptedException {
    if (lastRecord != null && lastId == id && lastTopic == topic) {
      return lastRecord;
    }
    Written written = new Written(id, topic);
    RecordReader record = records.get(written);
    if (record == null) {
      record = newRecord(written);
      records.put(written, record);
    }
    lastId = id;
    lastTopic = topic;
    lastRecord = record;
    return record;
  }

  private RecordReader newRecord(Written written) throws InterruptedException {
    Unreadable known = unreadable.get(written);
    if (known != null && System.nanoTime() < known.until) {
      throw new UnreadableException(known.reason);
    }
    String reason;
    try {
      Schema writer = schemas.byId(written.id);
      return new RecordReader(
          writer, readerSchemas.of(writer, written.topic), table, new FieldSkipper());
    } catch (UnreadableException why) {
      reason = why.getMessage();
    } catch (RuntimeException | StackOverflowError fault) {
      reason = "schema id " + written.id + " cannot be used: " + fault;
    }
    // Asked again after a while: garbage with one id must not cost a request each, and a schema may
    // yet come.
    unreadable.put(written, new Unreadable(reason, System.nanoTime() + UNREADABLE_FOR_NANOS));
    throw new UnreadableException(reason);
  }

  private RowData neutral(String reason, byte[] message) {
    GenericRowData row = NeutralRow.of(table);
    boolean isKept = message == null || message.length <= LONGEST_KEPT;
    String why =
        isKept ? reason : reason + " (" + message.length + " bytes, too many to be kept here)";
    row.setField(reasonColumn, StringData.fromString(why));
    if (rawColumn >= 0 && isKept) {
      row.setField(rawColumn, message);
    }
    return row;
  }
}
