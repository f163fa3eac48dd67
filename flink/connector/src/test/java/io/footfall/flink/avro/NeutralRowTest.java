package io.footfall.flink.avro;

import static org.assertj.core.api.Assertions.assertThat;

import io.footfall.flink.harness.Plain;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;

class NeutralRowTest {

  @Test
  void aColumnThatMayBeNullIsNullAndAnyOtherSaysNothing() {
    RowType table = (RowType) DataTypes.ROW(
            DataTypes.FIELD("any", DataTypes.STRING()),
            DataTypes.FIELD("text", DataTypes.STRING().notNull()),
            DataTypes.FIELD("int", DataTypes.INT().notNull()),
            DataTypes.FIELD("long", DataTypes.BIGINT().notNull()),
            DataTypes.FIELD("double", DataTypes.DOUBLE().notNull()),
            DataTypes.FIELD("truth", DataTypes.BOOLEAN().notNull()),
            DataTypes.FIELD("money", DataTypes.DECIMAL(12, 2).notNull()),
            DataTypes.FIELD("date", DataTypes.DATE().notNull()),
            DataTypes.FIELD("time", DataTypes.TIMESTAMP(3).notNull()),
            DataTypes.FIELD("items", DataTypes.ARRAY(DataTypes.INT()).notNull()),
            DataTypes.FIELD(
                "row",
                DataTypes.ROW(DataTypes.FIELD("a", DataTypes.INT().notNull())).notNull()),
            DataTypes.FIELD("bytes", DataTypes.BYTES().notNull()))
        .getLogicalType();

    assertThat(Plain.row(NeutralRow.of(table), table))
        .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
            Map.entry("text", ""),
            Map.entry("int", 0),
            Map.entry("long", 0L),
            Map.entry("double", 0.0),
            Map.entry("truth", false),
            Map.entry("money", "0.00"),
            Map.entry("date", 0),
            Map.entry("time", 0L),
            Map.entry("items", List.of()),
            Map.entry("row", Map.of("a", 0)),
            Map.entry("bytes", "")));
  }
}
