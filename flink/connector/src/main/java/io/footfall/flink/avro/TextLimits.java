package io.footfall.flink.avro;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;

/**
 * What a field's schema says of its text: {@code min_bytes}, {@code max_bytes}, {@code pattern}. A
 * text with a longest length goes into results, and must be without NUL, which not every store can
 * hold.
 */
final class TextLimits {

  private final String name;
  private final int least;
  private final int most;
  private final Pattern pattern;

  TextLimits(String name, Schema.Field field) {
    this.name = name;
    this.least = FieldLimits.number(field, "min_bytes", 0);
    this.most = FieldLimits.number(field, "max_bytes", Integer.MAX_VALUE);
    Object written = FieldLimits.of(field, "pattern");
    this.pattern = written == null ? null : Pattern.compile(written.toString());
  }

  private TextLimits(String name) {
    this.name = name;
    this.least = 0;
    this.most = Integer.MAX_VALUE;
    this.pattern = null;
  }

  /** Any text. */
  static TextLimits none(String name) {
    return new TextLimits(name);
  }

  boolean hasPattern() {
    return pattern != null;
  }

  void checkLength(int length) {
    if (length < least) {
      throw new UnreadableException(
          name + (length == 0 ? " is empty" : " has " + length + " bytes, fewer than " + least));
    }
    if (length > most) {
      throw new UnreadableException(name + " has " + length + " bytes, more than " + most);
    }
  }

  /** Looks for what UTF-8 allows and the limits do not. */
  void checkCharacters(byte[] bytes, int start, int length) {
    if (most == Integer.MAX_VALUE) {
      return;
    }
    for (int index = start; index < start + length; index++) {
      if (bytes[index] == 0) {
        throw new UnreadableException(
            name + " has a NUL character, which not every store can hold");
      }
    }
  }

  void checkPattern(byte[] text) {
    if (pattern != null
        && !pattern.matcher(new String(text, StandardCharsets.UTF_8)).matches()) {
      throw new UnreadableException(name + " does not look like " + pattern);
    }
  }

  /**
   * Returns the text.
   *
   * @throws UnreadableException it is beyond a limit
   */
  byte[] check(byte[] text) {
    checkLength(text.length);
    checkCharacters(text, 0, text.length);
    checkPattern(text);
    return text;
  }
}
