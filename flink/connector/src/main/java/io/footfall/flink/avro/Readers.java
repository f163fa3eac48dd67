package io.footfall.flink.avro;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/** The readers' schemas of a table: one for each kind of record that its topics hold. */
final class Readers {

  private final List<Schema> schemas;
  private final List<String> topics;

  List<Schema> schemas() {
    return schemas;
  }

  private Readers(List<Schema> schemas, List<String> topics) {
    this.schemas = schemas;
    this.topics = topics;
  }

  /**
   * @param json a list of record schemas
   * @param topics the table's topics in the order of their schemas; none if they are not known
   * @throws ValidationException it is none
   */
  static Readers parse(String json, List<String> topics) {
    try {
      List<Schema> schemas = StreamSupport.stream(
              new ObjectMapper().readTree(json).spliterator(), false)
          .map(each -> new Schema.Parser().parse(each.toString()))
          .toList();
      if (!schemas.isEmpty()
          && schemas.stream().allMatch(schema -> schema.getType() == Schema.Type.RECORD)) {
        if (!topics.isEmpty() && topics.size() != schemas.size()) {
          throw new ValidationException("readers are " + schemas.size() + ", topics are " + topics);
        }
        return new Readers(schemas, topics);
      }
    } catch (JsonProcessingException | RuntimeException wrong) {
      throw new ValidationException("readers: " + wrong.getMessage(), wrong);
    }
    throw new ValidationException("readers must be a list of Avro records: " + json);
  }

  /**
   * Returns the reader's schema of a writer's: that of the topic; if it is not known, the one of
   * the writer's name, else the only one whose required fields it has.
   *
   * @param topic where the message lies; null if that is not known
   * @throws UnreadableException none or several are it
   */
  Schema of(Schema writer, String topic) {
    int place = topic == null ? -1 : topics.indexOf(topic);
    if (place >= 0) {
      return schemas.get(place);
    }
    if (schemas.size() == 1 || writer.getType() != Schema.Type.RECORD) {
      return schemas.get(0);
    }
    for (Schema each : schemas) {
      if (each.getFullName().equals(writer.getFullName())
          || each.getAliases().contains(writer.getFullName())) {
        return each;
      }
    }
    List<Schema> named =
        schemas.stream().filter(each -> each.getName().equals(writer.getName())).toList();
    List<Schema> fitting = named.isEmpty()
        ? schemas.stream().filter(each -> hasRequired(writer, each)).toList()
        : named;
    if (fitting.size() == 1) {
      return fitting.get(0);
    }
    throw new UnreadableException("schema "
        + writer.getFullName()
        + " is none of "
        + schemas.stream().map(Schema::getName).collect(Collectors.joining(", ")));
  }

  /**
   * Sees that the table's columns can hold what the readers' schemas say.
   *
   * @throws ValidationException one cannot
   */
  void check(RowType table) {
    schemas.forEach(schema -> check(schema, table));
  }

  private static void check(Schema record, RowType row) {
    for (Schema.Field field : record.getFields()) {
      if (field.hasDefaultValue()) {
        Defaults.of(field);
      }
      int column = row.getFieldNames().indexOf(field.name());
      if (column >= 0 && !fits(branch(field.schema()), row.getTypeAt(column))) {
        throw new ValidationException("column " + field.name() + " is " + row.getTypeAt(column)
            + ", its reader's schema says " + field.schema());
      }
    }
  }

  private static boolean fits(Schema schema, LogicalType column) {
    Meaning meaning = Meaning.of(schema);
    switch (schema.getType()) {
      case STRING:
      case ENUM:
        return column.is(LogicalTypeRoot.VARCHAR);
      case BOOLEAN:
        return column.is(LogicalTypeRoot.BOOLEAN);
      case INT:
        return column.is(
            meaning.kind() == Meaning.Kind.DATE ? LogicalTypeRoot.DATE : LogicalTypeRoot.INTEGER);
      case LONG:
        return column.is(
            meaning.kind() == Meaning.Kind.TIMESTAMP_MILLIS
                ? LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE
                : LogicalTypeRoot.BIGINT);
      case DOUBLE:
        return column.is(LogicalTypeRoot.DOUBLE);
      case BYTES:
        if (meaning.kind() != Meaning.Kind.DECIMAL) {
          return column.is(LogicalTypeRoot.VARBINARY);
        }
        return column instanceof DecimalType decimalType
            && decimalType.getPrecision() == meaning.precision()
            && decimalType.getScale() == meaning.scale();
      case RECORD:
        if (column instanceof RowType rowType) {
          check(schema, rowType);
          return true;
        }
        return false;
      case ARRAY:
        return column instanceof ArrayType arrayType
            && fits(branch(schema.getElementType()), arrayType.getElementType());
      default:
        return false;
    }
  }

  static boolean isNullable(Schema reader) {
    return reader.isNullable();
  }

  /** The type that a reader's field has when it is not null. */
  static Schema branch(Schema reader) {
    if (reader.getType() != Schema.Type.UNION) {
      return reader;
    }
    List<Schema> branches = reader.getTypes().stream()
        .filter(each -> each.getType() != Schema.Type.NULL)
        .toList();
    if (branches.size() != 1) {
      throw new ValidationException("a reader's field may be one type or null: " + reader);
    }
    return branches.get(0);
  }

  private static boolean hasRequired(Schema writer, Schema reader) {
    return reader.getFields().stream()
        .filter(field -> !field.hasDefaultValue())
        .allMatch(field -> RecordReader.find(writer.getFields(), field) >= 0);
  }
}
