package io.footfall.flink.state;

import java.time.Duration;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.StateTypeStrategy;
import org.apache.flink.table.types.inference.TypeStrategies;

/** How the functions of this module declare their state. */
public final class StateTypes {

  private StateTypes() {}

  /**
   * State without a time to live: what it holds is forgotten by event time, when it can no longer
   * matter.
   */
  public static StateTypeStrategy forEver(DataType type) {
    return StateTypeStrategy.of(TypeStrategies.explicit(type), Duration.ZERO);
  }
}
