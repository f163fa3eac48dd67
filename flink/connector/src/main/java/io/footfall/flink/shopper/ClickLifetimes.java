package io.footfall.flink.shopper;

import java.io.Serializable;

/**
 * How long clicks matter, in milliseconds.
 *
 * @param copies how much later than a click another event of its id is its copy
 * @param attribution how long before a checkout a click may have happened to be its cause
 */
record ClickLifetimes(long copies, long attribution) implements Serializable {

  /** For how long a click that may be a cause is needed. */
  long longest() {
    return Math.max(copies, attribution);
  }
}
