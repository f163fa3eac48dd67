package io.footfall.flink.shopper;

import io.footfall.flink.state.StateBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.table.api.dataview.MapView;

/**
 * The clicks of one user that may still matter: for attribution and as ids, each for as long as it
 * is configured.
 *
 * <p>The newest are at hand. Older ones are written away in chunks, of which only the time and four
 * bytes of each id stay at hand, so that an event of a busy user costs no more than one of a quiet
 * user.
 */
final class ClickLog {

  private static final int AT_HAND = 32;
  private static final int WRITTEN_AWAY = 24;

  private static final class Chunk {
    final int number;
    final long newest;
    int[] fingerprints;

    Chunk(int number, long newest, int[] fingerprints) {
      this.number = number;
      this.newest = newest;
      this.fingerprints = fingerprints;
    }
  }

  private final List<Chunk> chunks = new ArrayList<>();
  private int nextChunk;
  private int count;
  private byte[] clicks = new byte[0];
  private long newest = Long.MIN_VALUE;

  /** When the last click stops to matter. */
  long neededUntil(ClickLifetimes lifetimes) {
    return newest == Long.MIN_VALUE ? Long.MIN_VALUE : newest + lifetimes.longest();
  }

  /**
   * Tells whether a click of this id has been counted, at a time no more than the deduplication
   * window before this one.
   */
  boolean isDuplicate(byte[] id, long time, long dedupWindow, MapView<Integer, byte[]> away)
      throws Exception {
    if (isDuplicate(clicks, id, time, dedupWindow)) {
      return true;
    }
    int fingerprint = Arrays.hashCode(id);
    for (Chunk chunk : chunks) {
      for (int each : chunk.fingerprints) {
        if (each == fingerprint && isDuplicate(away.get(chunk.number), id, time, dedupWindow)) {
          return true;
        }
      }
    }
    return false;
  }

  void add(Click click, long watermark, ClickLifetimes lifetimes, MapView<Integer, byte[]> away)
      throws Exception {
    if (count == AT_HAND) {
      writeAway(watermark, lifetimes, away);
    }
    StateBuffer out = new StateBuffer(clicks);
    out.skip(clicks.length);
    click.write(out);
    clicks = out.toBytes();
    count++;
    newest = Math.max(newest, click.time());
  }

  /** Shows every click that may lie at or after a time. */
  void forEachSince(long time, MapView<Integer, byte[]> away, Consumer<Click> consumer)
      throws Exception {
    for (Chunk chunk : chunks) {
      if (chunk.newest >= time) {
        forEach(away.get(chunk.number), consumer);
      }
    }
    forEach(clicks, consumer);
  }

  /** Forgets what can no longer matter to an event after the watermark. */
  void prune(long watermark, ClickLifetimes lifetimes, MapView<Integer, byte[]> away)
      throws Exception {
    for (Iterator<Chunk> each = chunks.iterator(); each.hasNext(); ) {
      Chunk chunk = each.next();
      if (chunk.newest + lifetimes.dedup() <= watermark) {
        chunk.fingerprints = new int[0];
      }
      if (chunk.newest + lifetimes.longest() <= watermark) {
        away.remove(chunk.number);
        each.remove();
      }
    }
  }

  void write(StateBuffer out) {
    out.writeLong(newest);
    out.writeSize(nextChunk);
    out.writeSize(chunks.size());
    for (Chunk chunk : chunks) {
      out.writeSize(chunk.number);
      out.writeLong(chunk.newest);
      out.writeSize(chunk.fingerprints.length);
      for (int each : chunk.fingerprints) {
        out.writeInt(each);
      }
    }
    out.writeSize(count);
    out.writeText(clicks);
  }

  static ClickLog read(StateBuffer in) {
    ClickLog log = new ClickLog();
    log.newest = in.readLong();
    log.nextChunk = in.readSize();
    for (int left = in.readSize(); left > 0; left--) {
      int number = in.readSize();
      long newest = in.readLong();
      int[] fingerprints = new int[in.readSize()];
      for (int index = 0; index < fingerprints.length; index++) {
        fingerprints[index] = in.readInt();
      }
      log.chunks.add(new Chunk(number, newest, fingerprints));
    }
    log.count = in.readSize();
    log.clicks = in.readText();
    return log;
  }

  private void writeAway(long watermark, ClickLifetimes lifetimes, MapView<Integer, byte[]> away)
      throws Exception {
    prune(watermark, lifetimes, away);
    StateBuffer chunk = new StateBuffer();
    int[] fingerprints = new int[WRITTEN_AWAY];
    int kept = 0;
    long newestOfChunk = Long.MIN_VALUE;
    StateBuffer in = new StateBuffer(clicks);
    for (int index = 0; index < WRITTEN_AWAY; index++) {
      Click click = Click.read(in);
      boolean isNeeded =
          click.time() + (click.isProductClick() ? lifetimes.longest() : lifetimes.dedup())
              > watermark;
      if (isNeeded) {
        click.write(chunk);
        fingerprints[kept++] = Arrays.hashCode(click.id());
        newestOfChunk = Math.max(newestOfChunk, click.time());
      }
    }
    if (kept > 0) {
      away.put(nextChunk, chunk.toBytes());
      chunks.add(new Chunk(nextChunk, newestOfChunk, Arrays.copyOf(fingerprints, kept)));
      nextChunk = (nextChunk + 1) & Integer.MAX_VALUE;
    }
    clicks = in.readRaw(clicks.length - in.position());
    count -= WRITTEN_AWAY;
  }

  private static boolean isDuplicate(byte[] clicks, byte[] id, long time, long dedupWindow) {
    StateBuffer in = new StateBuffer(clicks);
    while (in.hasMore()) {
      long counted = Click.readTimeIfId(in, id);
      if (counted != Long.MIN_VALUE && time <= counted + dedupWindow) {
        return true;
      }
    }
    return false;
  }

  private static void forEach(byte[] clicks, Consumer<Click> consumer) {
    StateBuffer in = new StateBuffer(clicks);
    while (in.hasMore()) {
      consumer.accept(Click.read(in));
    }
  }
}
