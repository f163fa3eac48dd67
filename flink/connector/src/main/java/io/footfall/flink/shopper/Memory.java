package io.footfall.flink.shopper;

import io.footfall.flink.Packed;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Everything that is remembered of one user, packed into one array of bytes between two rows. */
final class Memory {

  final ClickLog log;
  final Views views;
  final Attendance attendance;
  final List<Session> sessions;
  /** Checkouts that wait until no earlier click can come. */
  int waitingCheckouts;
  /** When the last checkout's id may be forgotten. */
  long checkoutsUntil = Long.MIN_VALUE;
  /** For when a timer is set that looks which visits are over. A visit may grow until then, but never end earlier. */
  long nextLookAtSessions = Long.MAX_VALUE;

  private Memory(ClickLog log, Views views, Attendance attendance) {
    this.log = log;
    this.views = views;
    this.attendance = attendance;
    this.sessions = new ArrayList<>(1);
  }

  static Memory of(byte[] packed) {
    if (packed == null) {
      return new Memory(new ClickLog(), new Views(), new Attendance());
    }
    Packed in = new Packed(packed);
    int waiting = in.readSize();
    long until = in.readLong();
    long nextLook = in.readLong();
    Memory memory = new Memory(ClickLog.read(in), Views.read(in), Attendance.read(in));
    memory.waitingCheckouts = waiting;
    memory.checkoutsUntil = until;
    memory.nextLookAtSessions = nextLook;
    for (int left = in.readSize(); left > 0; left--) {
      memory.sessions.add(Session.read(in));
    }
    return memory;
  }

  byte[] pack(Packed out) {
    out.clear();
    out.writeSize(waitingCheckouts);
    out.writeLong(checkoutsUntil);
    out.writeLong(nextLookAtSessions);
    log.write(out);
    views.write(out);
    attendance.write(out);
    out.writeSize(sessions.size());
    sessions.forEach(session -> session.write(out));
    return out.toBytes();
  }

  /** Returns the visit that a row belongs to; visits that the row connects become one. */
  Session sessionAt(long time) {
    Session found = null;
    for (Iterator<Session> each = sessions.iterator(); each.hasNext(); ) {
      Session session = each.next();
      if (!session.reaches(time)) {
        continue;
      }
      if (found == null) {
        found = session;
      } else {
        found.merge(session);
        each.remove();
      }
    }
    return found;
  }

  /** When nothing of it matters any more; not before every visit is over. */
  long neededUntil(ClickLifetimes lifetimes) {
    return Math.max(Math.max(log.neededUntil(lifetimes), attendance.neededUntil()), checkoutsUntil);
  }

  boolean isIdle() {
    return sessions.isEmpty() && views.isEmpty() && waitingCheckouts == 0;
  }
}
