package io.footfall.flink.avro;

/**
 * These bytes can never be read as the schema says; the message tells why. Costs no stack trace:
 * there may be many.
 */
final class UnreadableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UnreadableException(String reason) {
    super(reason, null, false, false);
  }
}
