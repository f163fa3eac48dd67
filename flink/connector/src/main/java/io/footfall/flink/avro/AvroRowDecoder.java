package io.footfall.flink.avro;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Decodes messages in Confluent's wire format into rows and never throws for what a message holds.
 *
 * <p>A message that cannot be read becomes a row with the reason in column {@value #REASON} and its bytes in column {@value
 * #RAW}; other columns are null, or neutral where they must not be. A table without these columns does not get such rows.
 */
final class AvroRowDecoder implements DeserializationSchema<RowData> {

  static final String REASON = "unreadable";
  static final String RAW = "raw_value";

  private static final long serialVersionUID = 1L;
  private static final int HEADER = 5;
  private static final int UNKNOWN_IDS = 1000;
  private static final long UNKNOWN_FOR_NANOS = 60_000_000_000L;
  /** More would not fit into a message of dead-letters (schemas/quality/dead-letters.avsc). */
  private static final int LONGEST_KEPT = 8 << 20;

  private final RowType table;
  private final TypeInformation<RowData> produced;
  private final String url;
  private final Map<String, String> properties;
  private final Limits limits;
  private final boolean skipsTombstones;
  private final int reasonColumn;
  private final int rawColumn;

  private transient WriterSchemas schemas;
  private transient Map<Integer, RowReader> readers;
  private transient Map<Integer, Unknown> unknown;
  private transient AvroBytes bytes;
  private transient int lastId;
  private transient RowReader lastReader;

  private record Unknown(String reason, long until) {}

  AvroRowDecoder(
      RowType table,
      TypeInformation<RowData> produced,
      String url,
      Map<String, String> properties,
      Limits limits,
      boolean skipsTombstones) {
    this.table = table;
    this.produced = produced;
    this.url = url;
    this.properties = properties;
    this.limits = limits;
    this.skipsTombstones = skipsTombstones;
    this.reasonColumn = table.getFieldNames().indexOf(REASON);
    this.rawColumn = table.getFieldNames().indexOf(RAW);
  }

  @Override
  public void open(InitializationContext context) {
    schemas = new WriterSchemas(url, properties);
    readers = new HashMap<>();
    unknown =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Integer, Unknown> eldest) {
            return size() > UNKNOWN_IDS;
          }
        };
    bytes = new AvroBytes();
    lastReader = null;
  }

  @Override
  public RowData deserialize(byte[] message) {
    if (message == null && skipsTombstones) {
      return null;
    }
    try {
      if (message == null) {
        throw new UnreadableException("no value (a tombstone)");
      }
      if (message.length <= HEADER) {
        throw new UnreadableException(message.length + " bytes are too short for the wire format");
      }
      if (message[0] != 0) {
        throw new UnreadableException("magic byte is " + (message[0] & 0xFF) + ", not 0");
      }
      RowReader reader = reader(idOf(message));
      GenericRowData row = reader.newRow();
      bytes.reset(message, HEADER);
      reader.read(bytes, row);
      limits.check(row);
      return row;
    } catch (UnreadableException unreadable) {
      return reasonColumn < 0 ? null : neutral(unreadable.getMessage(), message);
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("cancelled while waiting for the schema registry", cancelled);
    }
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
    return (message[1] & 0xFF) << 24 | (message[2] & 0xFF) << 16 | (message[3] & 0xFF) << 8 | message[4] & 0xFF;
  }

  private RowReader reader(int id) throws InterruptedException {
    if (lastReader != null && lastId == id) {
      return lastReader;
    }
    RowReader reader = readers.get(id);
    if (reader == null) {
      reader = newReader(id);
      readers.put(id, reader);
    }
    lastId = id;
    lastReader = reader;
    return reader;
  }

  private RowReader newReader(int id) throws InterruptedException {
    Unknown known = unknown.get(id);
    if (known != null && System.nanoTime() < known.until) {
      throw new UnreadableException(known.reason);
    }
    try {
      return new RowReader(schemas.byId(id), table);
    } catch (UnreadableException unreadable) {
      // Asked again after a while: garbage with one id must not cost a request each, and a schema may yet come.
      unknown.put(id, new Unknown(unreadable.getMessage(), System.nanoTime() + UNKNOWN_FOR_NANOS));
      throw unreadable;
    }
  }

  private RowData neutral(String reason, byte[] message) {
    GenericRowData row = neutralRow(table);
    boolean isKept = message == null || message.length <= LONGEST_KEPT;
    String why = isKept ? reason : reason + " (" + message.length + " bytes, too many to be kept here)";
    row.setField(reasonColumn, StringData.fromString(why));
    if (rawColumn >= 0 && isKept) {
      row.setField(rawColumn, message);
    }
    return row;
  }

  private static GenericRowData neutralRow(RowType record) {
    GenericRowData row = new GenericRowData(record.getFieldCount());
    for (int column = 0; column < record.getFieldCount(); column++) {
      LogicalType type = record.getTypeAt(column);
      row.setField(column, type.isNullable() ? null : neutralValue(type));
    }
    return row;
  }

  private static Object neutralValue(LogicalType type) {
    switch (type.getTypeRoot()) {
      case VARCHAR:
        return StringData.fromString("");
      case INTEGER:
      case DATE:
        return 0;
      case BIGINT:
        return 0L;
      case DOUBLE:
        return 0.0;
      case BOOLEAN:
        return false;
      case DECIMAL:
        DecimalType decimal = (DecimalType) type;
        return DecimalData.zero(decimal.getPrecision(), decimal.getScale());
      case TIMESTAMP_WITHOUT_TIME_ZONE:
        return TimestampData.fromEpochMillis(0);
      case ARRAY:
        return new GenericArrayData(new Object[0]);
      case ROW:
        return neutralRow((RowType) type);
      default:
        return new byte[0];
    }
  }
}
