package io.footfall.flink.avro;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Decides, once per writer's schema, how a field is read as its reader's schema has it.
 *
 * <p>These are Avro's rules of resolution, with more patience where nothing can be misunderstood
 * (text for an enum, a long that fits an int, other scales and units) and less where something can
 * (an int is no time and no money). footfall_schemas.resolve has the same rules;
 * tests/support/foreign is the table of cases both are held to.
 */
final class FieldReader {

  private final String name;
  private final Schema reader;
  private final FieldSkipper skipper;
  private final boolean isKept;
  private final Texts texts;
  private final Numbers numbers;

  /** @param isKept whether anybody reads the value; else it is only checked */
  FieldReader(Schema.Field field, FieldSkipper skipper, boolean isKept) {
    this.name = field.name();
    this.reader = field.schema();
    this.skipper = skipper;
    this.isKept = isKept;
    this.texts = new Texts(name, new TextLimits(name, field), isKept);
    this.numbers = new Numbers(name, new FieldLimits(name, field));
  }

  /**
   * @param column the column's type; null for a field that is none
   * @throws UnreadableException no value of the writer's type can be one of the reader's
   */
  Value resolve(Schema writer, LogicalType column) {
    return resolve(writer, reader, column);
  }

  private Value resolve(Schema writer, Schema reader, LogicalType column) {
    if (writer.getType() == Schema.Type.UNION) {
      Value[] branches = writer.getTypes().stream()
          .map(branch -> branch(branch, reader, column))
          .toArray(Value[]::new);
      return bytes -> branches[bytes.readIndex(branches.length, "union branch")].read(bytes);
    }
    if (writer.getType() == Schema.Type.NULL) {
      if (!Readers.isNullable(reader)) {
        throw new UnreadableException(name + " is null");
      }
      return bytes -> null;
    }
    Schema wanted = Readers.branch(reader);
    Value value = plain(writer, wanted, column);
    if (value == null) {
      throw new UnreadableException(
          name + " is " + Meaning.describe(writer) + ", which is no " + Meaning.describe(wanted));
    }
    return value;
  }

  /**
   * A branch that does not fit is no reason to refuse the schema: only records that use it are
   * unreadable.
   */
  private Value branch(Schema branch, Schema reader, LogicalType column) {
    try {
      return resolve(branch, reader, column);
    } catch (UnreadableException misfit) {
      return bytes -> {
        throw misfit;
      };
    }
  }

  private Value plain(Schema writer, Schema reader, LogicalType column) {
    switch (reader.getType()) {
      case STRING:
        return texts.string(writer);
      case ENUM:
        return texts.symbol(writer, reader);
      case BOOLEAN:
        return writer.getType() == Schema.Type.BOOLEAN ? AvroBytes::readBoolean : null;
      case INT:
        return Meaning.of(reader).kind() == Meaning.Kind.DATE ? day(writer) : numbers.int32(writer);
      case LONG:
        return Meaning.of(reader).kind() == Meaning.Kind.TIMESTAMP_MILLIS
            ? time(writer)
            : numbers.int64(writer);
      case DOUBLE:
        return numbers.float64(writer);
      case BYTES:
        Meaning meaning = Meaning.of(reader);
        return meaning.kind() == Meaning.Kind.DECIMAL
            ? numbers.decimal(writer, meaning)
            : texts.bytes(writer);
      case RECORD:
        return writer.getType() == Schema.Type.RECORD
            ? record(writer, reader, (RowType) column)
            : null;
      case ARRAY:
        return writer.getType() == Schema.Type.ARRAY
            ? array(writer, reader, (ArrayType) column)
            : null;
      default:
        return null;
    }
  }

  private Value day(Schema writer) {
    Meaning.Kind kind = Meaning.of(writer).kind();
    return writer.getType() == Schema.Type.INT
            && (kind == Meaning.Kind.PLAIN || kind == Meaning.Kind.DATE)
        ? bytes -> LogicalValues.day(bytes.readInt(), name)
        : null;
  }

  private Value time(Schema writer) {
    if (writer.getType() != Schema.Type.LONG) {
      return null;
    }
    switch (Meaning.of(writer).kind()) {
      case PLAIN:
      case TIMESTAMP_MILLIS:
        return bytes -> time(bytes.readLong());
      case TIMESTAMP_MICROS:
        return bytes -> time(Math.floorDiv(bytes.readLong(), 1_000L));
      case TIMESTAMP_NANOS:
        return bytes -> time(Math.floorDiv(bytes.readLong(), 1_000_000L));
      default:
        return null;
    }
  }

  private TimestampData time(long millis) {
    return TimestampData.fromEpochMillis(LogicalValues.millis(millis, name));
  }

  private Value record(Schema writer, Schema reader, RowType column) {
    RecordReader record = new RecordReader(writer, reader, isKept ? column : RowType.of(), skipper);
    return record::read;
  }

  private Value array(Schema writer, Schema reader, ArrayType column) {
    Value item = resolve(
        writer.getElementType(), reader.getElementType(), isKept ? column.getElementType() : null);
    return bytes -> {
      List<Object> items = new ArrayList<>();
      AvroBlocks.read(bytes, () -> items.add(item.read(bytes)));
      return new GenericArrayData(items.toArray());
    };
  }
}
