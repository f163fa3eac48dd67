package io.footfall.flink.avro;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.RowType;

/**
 * Reads records of one writer's schema straight into rows, as a reader's schema sees them. A field
 * that is a column is kept; one that only the reader's schema has is checked all the same; any
 * other is read over.
 */
final class RecordReader {

  private static final int NOT_A_COLUMN = -1;

  private final Value[] values;
  private final int[] columns;
  private final int width;
  private final List<Default> defaults = new ArrayList<>();

  private record Default(int column, Object value) {}

  /**
   * @throws UnreadableException a field cannot be what the reader's schema says, or is missing and
   *     has no default
   */
  RecordReader(Schema writer, Schema reader, RowType table, FieldSkipper skipper) {
    if (writer.getType() != Schema.Type.RECORD) {
      throw new UnreadableException(
          "its schema is of type " + Meaning.describe(writer) + ", not record");
    }
    List<Schema.Field> written = writer.getFields();
    values = new Value[written.size()];
    columns = new int[written.size()];
    width = table.getFieldCount();
    for (Schema.Field field : reader.getFields()) {
      int column = table.getFieldNames().indexOf(field.name());
      int from = find(written, field);
      if (from >= 0) {
        values[from] = new FieldReader(field, skipper, column >= 0)
            .resolve(written.get(from).schema(), typeOf(table, column));
        columns[from] = column;
      } else if (field.hasDefaultValue()) {
        if (column >= 0) {
          defaults.add(new Default(column, Defaults.of(field)));
        }
      } else {
        throw new UnreadableException(
            "schema " + writer.getFullName() + " has no field " + field.name());
      }
    }
    for (int index = 0; index < values.length; index++) {
      if (values[index] == null) {
        values[index] = skipper.of(written.get(index).schema());
        columns[index] = NOT_A_COLUMN;
      }
    }
  }

  /** Reads the fields into a new row. */
  GenericRowData read(AvroBytes bytes) {
    GenericRowData row = new GenericRowData(width);
    for (int index = 0; index < defaults.size(); index++) {
      row.setField(defaults.get(index).column, defaults.get(index).value);
    }
    for (int index = 0; index < values.length; index++) {
      Object value = values[index].read(bytes);
      if (columns[index] != NOT_A_COLUMN) {
        row.setField(columns[index], value);
      }
    }
    return row;
  }

  private static org.apache.flink.table.types.logical.LogicalType typeOf(
      RowType table, int column) {
    return column < 0 ? null : table.getTypeAt(column);
  }

  /**
   * Returns the place of what a reader's field is: the field of its name, of an alias of it, or
   * with its name as alias.
   */
  static int find(List<Schema.Field> written, Schema.Field field) {
    List<String> names = new ArrayList<>(List.of(field.name()));
    names.addAll(sorted(field.aliases()));
    for (String name : names) {
      for (int index = 0; index < written.size(); index++) {
        if (written.get(index).name().equals(name)) {
          return index;
        }
      }
    }
    Set<String> wanted = new HashSet<>(names);
    for (int index = 0; index < written.size(); index++) {
      if (written.get(index).aliases().stream().anyMatch(wanted::contains)) {
        return index;
      }
    }
    return -1;
  }

  private static List<String> sorted(Collection<String> names) {
    return names.stream().sorted().toList();
  }
}
