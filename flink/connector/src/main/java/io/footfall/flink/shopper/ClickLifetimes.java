package io.footfall.flink.shopper;

import java.io.Serializable;

/**
 * How long clicks matter, in milliseconds.
 *
 * @param dedup how much later than a click another event of its id is its duplicate
 * @param attribution how long before a checkout a click may have happened to be its cause
 */
record ClickLifetimes(long dedup, long attribution) implements Serializable {

  /** For how long a click that may be a cause is needed. */
  long longest() {
    return Math.max(dedup, attribution);
  }
}
