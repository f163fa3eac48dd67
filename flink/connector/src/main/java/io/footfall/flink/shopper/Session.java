package io.footfall.flink.shopper;

import io.footfall.flink.state.StateBuffer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A session that may still grow: rows of one user with no gap longer than {@link #GAP} between
 * them.
 */
final class Session {

  static final long GAP = 30 * 60 * 1000L;
  private static final int VIEWED = 1;
  private static final int CARTED = 2;
  private static final int BOUGHT = 4;
  private static final int IN_CART = 8;
  private static final int TRIED = 16;
  /** So many products of an abandoned cart are named. */
  static final int NAMED = 20;

  /** What happened to one product. */
  private static final class CartItem {
    final byte[] product;
    int marks;
    long cartTime = Long.MIN_VALUE;
    /** The newest payment of it that failed; null if there is none. */
    Attempt attempt;

    CartItem(byte[] product) {
      this.product = product;
    }

    /** Of two attempts at the same time the later one read counts. */
    void tryToBuy(Attempt other) {
      if (attempt == null || other.time >= attempt.time) {
        attempt = other;
        marks |= TRIED;
      }
    }

    boolean isInCart() {
      return (marks & IN_CART) != 0;
    }

    void write(StateBuffer out) {
      out.writeText(product);
      out.writeByte(marks);
      out.writeByte(cartTime == Long.MIN_VALUE ? 0 : 1);
      if (cartTime != Long.MIN_VALUE) {
        out.writeLong(cartTime);
      }
      if (attempt != null) {
        attempt.write(out);
      }
    }

    static CartItem read(StateBuffer in) {
      CartItem it = new CartItem(in.readText());
      it.marks = in.readByte();
      it.cartTime = readCartTime(in);
      it.attempt = readAttempt(in, it.marks);
      return it;
    }

    static Attempt readAttempt(StateBuffer in, int marks) {
      return (marks & TRIED) == 0 ? null : Attempt.read(in);
    }

    static long readCartTime(StateBuffer in) {
      return in.readByte() == 1 ? in.readLong() : Long.MIN_VALUE;
    }
  }

  /** What a payment that failed would have earned. */
  private record Attempt(long time, byte[] currency, BigDecimal earns) {

    void write(StateBuffer out) {
      out.writeLong(time);
      out.writeText(currency);
      out.writeText(earns.setScale(Amounts.SCALE).unscaledValue().toByteArray());
    }

    static Attempt read(StateBuffer in) {
      long time = in.readLong();
      byte[] currency = in.readText();
      return new Attempt(
          time, currency, new BigDecimal(new BigInteger(in.readText()), Amounts.SCALE));
    }
  }

  long start;
  long end;
  long actions;
  private final Amounts revenue;
  private boolean hasPurchase;
  /**
   * The products, as they are written. Few rows change what is known of one, so they are unpacked
   * only for those.
   */
  private byte[] packed = new byte[0];

  private List<CartItem> unpacked;

  Session(long time) {
    this(time, new Amounts());
  }

  private Session(long time, Amounts revenue) {
    start = time;
    end = time;
    this.revenue = revenue;
  }

  boolean reaches(long time) {
    return time >= start - GAP && time <= end + GAP;
  }

  /** When no further row can belong to it. */
  long isFinalAt() {
    return end + GAP;
  }

  void add(long time) {
    start = Math.min(start, time);
    end = Math.max(end, time);
    actions++;
  }

  void view(byte[] product) {
    if (product != null && (unpacked != null || !viewPacked(product))) {
      of(product).marks |= VIEWED;
    }
  }

  /** Notes a view among the packed products, unless it changes what is known of one of them. */
  private boolean viewPacked(byte[] product) {
    StateBuffer in = new StateBuffer(packed);
    while (in.hasMore()) {
      boolean isIt = in.readTextEquals(product);
      int marks = in.readByte();
      CartItem.readCartTime(in);
      CartItem.readAttempt(in, marks);
      if (isIt) {
        return (marks & VIEWED) != 0;
      }
    }
    StateBuffer out = new StateBuffer();
    out.writeRaw(packed, 0, packed.length);
    CartItem it = new CartItem(product);
    it.marks = VIEWED;
    it.write(out);
    packed = out.toBytes();
    return true;
  }

  /** Of two cart actions at the same time the later one read counts. */
  void cart(byte[] product, long time, boolean added) {
    if (product == null) {
      return;
    }
    CartItem it = of(product);
    it.marks |= added ? CARTED : 0;
    if (time >= it.cartTime) {
      it.cartTime = time;
      it.marks = added ? it.marks | IN_CART : it.marks & ~IN_CART;
    }
  }

  void buy(byte[] product, byte[] currency, BigDecimal earned) {
    hasPurchase = true;
    revenue.add(currency, earned);
    of(product).marks |= BOUGHT;
  }

  /** Notes a payment that failed, and what it would have earned. */
  void tryToBuy(byte[] product, long time, byte[] currency, BigDecimal earns) {
    of(product).tryToBuy(new Attempt(time, currency, earns));
  }

  /** Takes over a session that turned out to be the same one. */
  void merge(Session other) {
    start = Math.min(start, other.start);
    end = Math.max(end, other.end);
    actions += other.actions;
    revenue.addAll(other.revenue);
    hasPurchase |= other.hasPurchase;
    for (CartItem theirs : other.touched()) {
      CartItem it = of(theirs.product);
      int cart = theirs.cartTime > it.cartTime ? theirs.marks : it.marks;
      it.marks = ((it.marks | theirs.marks) & ~IN_CART) | (cart & IN_CART);
      it.cartTime = Math.max(it.cartTime, theirs.cartTime);
      if (theirs.attempt != null && (it.attempt == null || theirs.attempt.time > it.attempt.time)) {
        it.tryToBuy(theirs.attempt);
      }
    }
  }

  long productsViewed() {
    return count(VIEWED);
  }

  long productsCarted() {
    return count(CARTED);
  }

  long productsBought() {
    return count(BOUGHT);
  }

  Amounts revenue() {
    return revenue;
  }

  boolean isCartAbandoned() {
    return !hasPurchase && count(IN_CART) > 0;
  }

  long productsInCart() {
    return count(IN_CART);
  }

  /** Products in the cart, the newest first, those of one moment by their names; the first few. */
  List<byte[]> cart() {
    return touched().stream()
        .filter(CartItem::isInCart)
        .sorted(Comparator.comparingLong((CartItem it) -> -it.cartTime)
            .thenComparing(it -> it.product, Arrays::compareUnsigned))
        .limit(NAMED)
        .map(it -> it.product)
        .toList();
  }

  /** What the newest failed payment of each product in the cart would have earned. */
  Amounts cartValue() {
    Amounts value = new Amounts();
    for (CartItem it : touched()) {
      if (it.isInCart() && it.attempt != null) {
        value.add(it.attempt.currency, it.attempt.earns);
      }
    }
    return value;
  }

  void write(StateBuffer out) {
    out.writeLong(start);
    out.writeLong(end);
    out.writeLong(actions);
    revenue.write(out);
    out.writeByte(hasPurchase ? 1 : 0);
    out.writeText(products());
  }

  private byte[] products() {
    if (unpacked == null) {
      return packed;
    }
    StateBuffer out = new StateBuffer();
    unpacked.forEach(it -> it.write(out));
    return out.toBytes();
  }

  static Session read(StateBuffer in) {
    long start = in.readLong();
    long end = in.readLong();
    long actions = in.readLong();
    Session session = new Session(start, Amounts.read(in));
    session.end = end;
    session.actions = actions;
    session.hasPurchase = in.readByte() == 1;
    session.packed = in.readText();
    return session;
  }

  private List<CartItem> touched() {
    if (unpacked == null) {
      unpacked = new ArrayList<>();
      StateBuffer in = new StateBuffer(packed);
      while (in.hasMore()) {
        unpacked.add(CartItem.read(in));
      }
    }
    return unpacked;
  }

  private CartItem of(byte[] product) {
    for (CartItem it : touched()) {
      if (Arrays.equals(it.product, product)) {
        return it;
      }
    }
    CartItem it = new CartItem(product);
    unpacked.add(it);
    return it;
  }

  private long count(int mark) {
    return touched().stream().filter(it -> (it.marks & mark) != 0).count();
  }
}
