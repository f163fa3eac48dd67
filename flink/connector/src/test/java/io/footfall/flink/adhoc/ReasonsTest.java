package io.footfall.flink.adhoc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.apache.flink.table.api.SqlParserException;
import org.apache.flink.table.api.TableException;
import org.apache.flink.table.api.ValidationException;
import org.junit.jupiter.api.Test;

class ReasonsTest {

  @Test
  void flinksVerdictIsTakenAsItIsAndOnlyItsFirstLine() {
    Throwable failure = new RuntimeException(
        new SqlParserException("SQL parse failed.\nmore", new IOException("hidden")));

    assertThat(Reasons.of(failure)).isEqualTo("SQL parse failed.");
  }

  @Test
  void ofTwoVerdictsTheInnerOneTells() {
    Throwable failure = new ValidationException(
        "SQL validation failed.", new ValidationException("Column 'x' not found"));

    assertThat(Reasons.of(failure)).isEqualTo("Column 'x' not found");
  }

  @Test
  void whereAStatementRunsItIsTheInnermostCauseWithItsKind() {
    assertThat(Reasons.of(new TableException("failed", new IOException(" connection refused\nat"))))
        .isEqualTo("IOException: connection refused");
    assertThat(Reasons.of(new RuntimeException(new TableException("no such thing"))))
        .isEqualTo("no such thing");
  }

  @Test
  void whatSaysNothingIsNamedByItsKind() {
    assertThat(Reasons.of(new IOException())).isEqualTo("IOException");
    assertThat(Reasons.of(new IOException(" "))).isEqualTo("IOException");
  }
}
