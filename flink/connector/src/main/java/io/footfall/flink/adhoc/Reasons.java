package io.footfall.flink.adhoc;

import org.apache.flink.table.api.SqlParserException;
import org.apache.flink.table.api.ValidationException;

/** Why a statement failed, in one line. */
final class Reasons {

  private Reasons() {}

  /** Flink's own words where it judges the statement; where the statement runs, the innermost cause. */
  static String of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SqlParserException || cause instanceof ValidationException && !hasOwn(cause)) {
        return firstLine(cause);
      }
      if (cause.getCause() == null) {
        return firstLine(cause);
      }
    }
    return failure.toString();
  }

  /** A validation error may wrap a more telling one. */
  private static boolean hasOwn(Throwable cause) {
    return cause.getCause() instanceof ValidationException;
  }

  private static String firstLine(Throwable cause) {
    String message = cause.getMessage();
    if (message == null || message.isBlank()) {
      return cause.getClass().getSimpleName();
    }
    return message.strip().lines().findFirst().orElseThrow();
  }
}
