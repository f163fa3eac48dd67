package io.footfall.flink.avro;

import static org.assertj.core.api.Assertions.assertThat;

import io.footfall.flink.harness.Plain;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericData;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericDatumReader;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericDatumWriter;
import org.apache.flink.avro.shaded.org.apache.avro.generic.IndexedRecord;
import org.apache.flink.avro.shaded.org.apache.avro.io.BinaryEncoder;
import org.apache.flink.avro.shaded.org.apache.avro.io.DecoderFactory;
import org.apache.flink.avro.shaded.org.apache.avro.io.EncoderFactory;
import org.apache.flink.table.types.logical.RowType;

/**
 * Whatever Avro's library writes is read as the library reads it, and whatever is read of a damaged
 * message is what the library reads of it, too. Schemas and values are drawn from a seed, which a
 * failure tells.
 */
class AvroLibraryTest {

  private static final String DECIMAL =
      "{'type':'bytes','logicalType':'decimal','precision':12,'scale':2}";
  private static final String WIDE_DECIMAL =
      "{'type':'bytes','logicalType':'decimal','precision':38,'scale':6}";
  private static final String TIME = "{'type':'long','logicalType':'timestamp-millis'}";
  private static final String DATE = "{'type':'int','logicalType':'date'}";
  private static final long FIRST_MILLIS = -62_135_596_800_000L;
  private static final long DAYS = 3_652_059;

  /**
   * A writer's type, and what a reader may take it for by Avro's own rules; a type's name ends with
   * the field's number.
   */
  private static final String[][] KINDS = {
    {"'string'", "'string'", "'bytes'"},
    {"'int'", "'int'", "'long'", "'double'"},
    {"'long'", "'long'", "'double'"},
    {"'float'", "'double'"},
    {"'double'", "'double'"},
    {"'boolean'", "'boolean'"},
    {"'bytes'", "'bytes'"},
    {TIME, TIME},
    {DATE, DATE},
    {DECIMAL, DECIMAL},
    {WIDE_DECIMAL, WIDE_DECIMAL},
    {
      "{'type':'enum','name':'E#','symbols':['new','a','b']}",
      "{'type':'enum','name':'E#','symbols':['b','a','other'],'default':'other'}"
    },
    {"{'type':'array','items':'long'}", "{'type':'array','items':'double'}"},
    {"{'type':'array','items':['null','string']}", "{'type':'array','items':['null','string']}"},
    {
      "{'type':'record','name':'R#','fields':[{'name':'a','type':'string'},{'name':'x','type':'long'},"
          + "{'name':'b','type':['null','int']}]}",
      "{'type':'record','name':'R#','fields':[{'name':'b','type':['null','long']},"
          + "{'name':'new','type':'string','default':'none'},{'name':'a','type':'string'}]}"
    },
  };

  /** What no reader knows. */
  private static final String[] UNKNOWN = {
    "'null'",
    "'float'",
    "{'type':'fixed','name':'F#','size':5}",
    "{'type':'map','values':{'type':'array','items':'int'}}",
    "['null','string','long',{'type':'record','name':'S#','fields':[{'name':'m','type':{'type':'map','values':'S#'}}]}]",
  };

  private record Pair(Schema writer, Schema reader) {}

  @Property
  void whatTheLibraryWritesIsReadAsTheLibraryReadsIt(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    Pair pair = schemas(random);
    byte[] message = encoded(pair.writer, value(pair.writer, random, 0));

    assertThat(read(message, pair)).isEqualTo(readByLibrary(message, pair));
  }

  @Property
  void aDamagedMessageIsUnreadableOrReadAsTheLibraryReadsIt(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    Pair pair = schemas(random);
    byte[] message = encoded(pair.writer, value(pair.writer, random, 0));
    byte[] damaged =
        Arrays.copyOf(message, message.length - random.nextInt(message.length + 1) / 4);
    for (int times = random.nextInt(4); times > 0 && damaged.length > 0; times--) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
    }

    Map<String, Object> row;
    try {
      row = read(damaged, pair);
    } catch (UnreadableException why) {
      assertThat(why.getMessage()).isNotBlank();
      return;
    }
    assertThat(row).isEqualTo(readByLibrary(damaged, pair));
  }

  private static Map<String, Object> read(byte[] message, Pair pair) {
    RowType table = Columns.of(List.of(pair.reader));
    AvroBytes bytes = new AvroBytes();
    bytes.reset(message, 0);
    Map<String, Object> row = Plain.row(
        new RecordReader(pair.writer, pair.reader, table, new FieldSkipper()).read(bytes), table);
    if (bytes.left() > 0) {
      throw new UnreadableException("bytes after the record");
    }
    return row;
  }

  private static Map<String, Object> readByLibrary(byte[] message, Pair pair) throws IOException {
    var decoder = DecoderFactory.get().binaryDecoder(message, null);
    return plain(
        new GenericDatumReader<IndexedRecord>(pair.writer, pair.reader).read(null, decoder));
  }

  private static byte[] encoded(Schema schema, Object value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().blockingBinaryEncoder(out, null);
    new GenericDatumWriter<>(schema).write(value, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private static Pair schemas(Random random) {
    List<String> written = new ArrayList<>();
    List<String> known = new ArrayList<>();
    for (int field = 0; field < 1 + random.nextInt(8); field++) {
      String name = "f" + field;
      if (random.nextInt(5) == 0) {
        written.add(field(name, UNKNOWN[random.nextInt(UNKNOWN.length)], field, ""));
        continue;
      }
      String[] kind = KINDS[random.nextInt(KINDS.length)];
      String reader = kind[1 + random.nextInt(kind.length - 1)];
      boolean isNullable = random.nextInt(3) == 0;
      boolean mayBeNull = isNullable && random.nextBoolean();
      written.add(field(name, mayBeNull ? "['null'," + kind[0] + "]" : kind[0], field, ""));
      known.add(field(name, isNullable ? "['null'," + reader + "]" : reader, field, ""));
    }
    known.add(field("missing", "'long'", 0, ",'default':7"));
    Collections.shuffle(written, random);
    Collections.shuffle(known, random);
    return new Pair(record(written), record(known));
  }

  private static String field(String name, String type, int number, String more) {
    return "{'name':'" + name + "','type':" + type.replace("#", String.valueOf(number)) + more
        + "}";
  }

  private static Schema record(List<String> fields) {
    String text = "{'type':'record','name':'Top','fields':[" + String.join(",", fields) + "]}";
    return new Schema.Parser().parse(text.replace('\'', '"'));
  }

  private static Object value(Schema schema, Random random, int depth) {
    return switch (schema.getType()) {
      case NULL -> null;
      case BOOLEAN -> random.nextBoolean();
      case INT ->
        Meaning.of(schema).kind() == Meaning.Kind.DATE
            ? (Object) (int) (random.nextLong(DAYS) + FIRST_MILLIS / 86_400_000)
            : random.nextInt() >> random.nextInt(32);
      case LONG ->
        Meaning.of(schema).kind() == Meaning.Kind.TIMESTAMP_MILLIS
            ? (Object) (FIRST_MILLIS + random.nextLong(DAYS * 86_400_000))
            : random.nextLong() >> random.nextInt(64);
      case FLOAT -> Float.intBitsToFloat(random.nextInt());
      case DOUBLE ->
        random.nextBoolean() ? random.nextGaussian() : Double.longBitsToDouble(random.nextLong());
      case STRING -> text(random);
      case BYTES -> ByteBuffer.wrap(bytes(schema, random));
      case FIXED -> new GenericData.Fixed(schema, random(new byte[schema.getFixedSize()], random));
      case ENUM ->
        new GenericData.EnumSymbol(
            schema,
            schema.getEnumSymbols().get(random.nextInt(schema.getEnumSymbols().size())));
      case UNION ->
        value(schema.getTypes().get(random.nextInt(schema.getTypes().size())), random, depth);
      case ARRAY -> {
        List<Object> items = new ArrayList<>();
        for (int left = random.nextInt(4); left > 0; left--) {
          items.add(value(schema.getElementType(), random, depth + 1));
        }
        yield items;
      }
      case MAP -> {
        Map<String, Object> items = new LinkedHashMap<>();
        for (int left = depth > 3 ? 0 : random.nextInt(3); left > 0; left--) {
          items.put(text(random), value(schema.getValueType(), random, depth + 1));
        }
        yield items;
      }
      case RECORD -> {
        GenericData.Record record = new GenericData.Record(schema);
        schema
            .getFields()
            .forEach(field -> record.put(field.pos(), value(field.schema(), random, depth + 1)));
        yield record;
      }
    };
  }

  private static String text(Random random) {
    int[] points = random
        .ints(random.nextInt(12), 0, 0x11000)
        .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
        .toArray();
    return new String(points, 0, points.length);
  }

  private static byte[] bytes(Schema schema, Random random) {
    Meaning meaning = Meaning.of(schema);
    if (meaning.kind() != Meaning.Kind.DECIMAL) {
      return random(new byte[random.nextInt(20)], random);
    }
    BigInteger beyond = BigInteger.TEN.pow(1 + random.nextInt(meaning.precision()));
    BigInteger unscaled = new BigInteger(128, random).mod(beyond);
    return (random.nextBoolean() ? unscaled : unscaled.negate()).toByteArray();
  }

  private static byte[] random(byte[] bytes, Random random) {
    random.nextBytes(bytes);
    return bytes;
  }

  private static Map<String, Object> plain(IndexedRecord record) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Schema.Field field : record.getSchema().getFields()) {
      Object value = plain(record.get(field.pos()), Readers.branch(field.schema()));
      if (value != null) {
        values.put(field.name(), value);
      }
    }
    return values;
  }

  private static Object plain(Object value, Schema schema) {
    if (value instanceof IndexedRecord record) {
      return plain(record);
    }
    if (value instanceof List<?> items) {
      List<Object> plain = new ArrayList<>();
      items.forEach(item -> plain.add(plain(item, Readers.branch(schema.getElementType()))));
      return plain;
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      Meaning meaning = Meaning.of(schema);
      return meaning.kind() == Meaning.Kind.DECIMAL
          ? new BigDecimal(new BigInteger(bytes), meaning.scale()).toPlainString()
          : HexFormat.of().formatHex(bytes);
    }
    return value == null || value instanceof Number || value instanceof Boolean
        ? value
        : value.toString();
  }
}
