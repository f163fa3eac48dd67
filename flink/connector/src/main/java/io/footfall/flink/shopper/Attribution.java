package io.footfall.flink.shopper;

import java.util.Arrays;
import java.util.function.Consumer;

/** Finds, among the clicks of one user, the first on a product and the first on anything in the hour up to a checkout. */
final class Attribution implements Consumer<Click> {

  private final long until;
  private final byte[] product;
  private Click cause;
  private Click first;

  Attribution(long checkoutTime, byte[] product) {
    this.until = checkoutTime;
    this.product = product;
  }

  @Override
  public void accept(Click click) {
    if (!click.isProductClick() || click.time() > until || click.time() < until - ClickLog.ATTRIBUTION) {
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
