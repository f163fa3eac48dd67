package io.footfall.flink.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StateBufferTest {

  @ParameterizedTest
  @CsvSource({"0, 1", "127, 1", "128, 2", "16383, 2", "16384, 3", "2147483647, 5"})
  void aSizeTakesAsManyBytesAsItNeeds(int size, int bytes) {
    StateBuffer out = new StateBuffer();

    out.writeSize(size);

    assertThat(out.toBytes()).hasSize(bytes);
    assertThat(new StateBuffer(out.toBytes()).readSize()).isEqualTo(size);
  }

  @Test
  void numbersHaveTheirHighestByteFirst() {
    StateBuffer out = new StateBuffer();

    out.writeInt(0x01020304);
    out.writeLong(-2);

    assertThat(out.toBytes()).containsExactly(1, 2, 3, 4, -1, -1, -1, -1, -1, -1, -1, -2);
  }

  @Property(tries = 200)
  void whatIsWrittenIsReadInTheSameOrder(
      @ForAll byte one,
      @ForAll @IntRange int size,
      @ForAll int number,
      @ForAll long time,
      @ForAll double sum,
      @ForAll @Size(max = 600) byte[] text) {
    StateBuffer out = new StateBuffer();
    out.writeByte(one);
    out.writeSize(size);
    out.writeText(text);
    out.writeInt(number);
    out.writeLong(time);
    out.writeDouble(sum);
    out.writeRaw(text, 0, text.length);

    StateBuffer in = new StateBuffer(out.toBytes());

    assertThat(in.readByte()).isEqualTo(one);
    assertThat(in.readSize()).isEqualTo(size);
    assertThat(in.readText()).isEqualTo(text);
    assertThat(in.readInt()).isEqualTo(number);
    assertThat(in.readLong()).isEqualTo(time);
    assertThat(in.readDouble()).isEqualTo(sum);
    assertThat(in.readRaw(text.length)).isEqualTo(text);
    assertThat(in.hasMore()).isFalse();
  }

  @Property(tries = 50)
  void itGrowsAsFarAsItIsWritten(
      @ForAll @Size(max = 200) List<@IntRange(max = 300) Integer> lengths) {
    StateBuffer out = new StateBuffer();
    lengths.forEach(length -> out.writeText(new byte[length]));

    StateBuffer in = new StateBuffer(out.toBytes());
    List<Integer> read = new ArrayList<>();
    while (in.hasMore()) {
      read.add(in.readText().length);
    }

    assertThat(read).isEqualTo(lengths);
  }

  @Test
  void aTextIsComparedWithoutBeingTaken() {
    StateBuffer out = new StateBuffer();
    out.writeText("mug".getBytes(UTF_8));
    out.writeText("mugs".getBytes(UTF_8));
    out.writeByte(7);
    StateBuffer in = new StateBuffer(out.toBytes());

    assertThat(in.readTextEquals("mug".getBytes(UTF_8))).isTrue();
    assertThat(in.readTextEquals("mug".getBytes(UTF_8))).isFalse();
    assertThat(in.readByte()).isEqualTo((byte) 7);
  }

  @Test
  void aClearedBufferIsWrittenAnew() {
    StateBuffer out = new StateBuffer();
    out.writeLong(1);

    out.clear();
    out.writeByte(2);

    assertThat(out.position()).isEqualTo(1);
    assertThat(out.toBytes()).containsExactly(2);
  }

  @Test
  void skippedBytesAreNotRead() {
    StateBuffer in = new StateBuffer(new byte[] {1, 2, 3});

    in.skip(2);

    assertThat(in.position()).isEqualTo(2);
    assertThat(in.readByte()).isEqualTo((byte) 3);
  }
}
