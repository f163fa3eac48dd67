package io.footfall.flink.shopper;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Finds, among the clicks of one user, the first on a product and the first on anything in the time
 * up to a checkout.
 */
final class Attribution implements Consumer<Click> {

  private final long since;
  private final long until;
  private final byte[] product;
  private Click cause;
  private Click first;

  /**
   * @param checkoutTime until when clicks count, in milliseconds since 1970
   * @param window how long before, in milliseconds; both ends are included
   */
  Attribution(long checkoutTime, long window, byte[] product) {
    this.since = checkoutTime - window;
    this.until = checkoutTime;
    this.product = product;
  }

  @Override
  public void accept(Click click) {
    if (!click.isProductClick() || click.time() > until || click.time() < since) {
      return;
    }
    if (click.isBefore(first)) {
      first = click;
    }
    if (product != null && Arrays.equals(product, click.product()) && click.isBefore(cause)) {
      cause = click;
    }
  }

  Click cause() {
    return cause;
  }

  Click first() {
    return first;
  }
}
