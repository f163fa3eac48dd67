package io.footfall.flink.adhoc;

import org.apache.flink.table.api.SqlParserException;
import org.apache.flink.table.api.TableException;
import org.apache.flink.table.api.ValidationException;

/** Why a statement failed, in one line. */
final class Reasons {

  private Reasons() {}

  /**
   * Flink's own words where it judges the statement; where the statement runs, the innermost cause.
   */
  static String of(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && !isVerdict(cause)) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    if (message == null || message.isBlank()) {
      return cause.getClass().getSimpleName();
    }
    String reason = message.strip().lines().findFirst().orElseThrow();
    return cause instanceof TableException || isVerdict(cause)
        ? reason
        : cause.getClass().getSimpleName() + ": " + reason;
  }

  /** A validation error may wrap a more telling one. */
  private static boolean isVerdict(Throwable cause) {
    return cause instanceof SqlParserException
        || (cause instanceof ValidationException
            && !(cause.getCause() instanceof ValidationException));
  }
}
