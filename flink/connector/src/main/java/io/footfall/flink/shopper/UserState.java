package io.footfall.flink.shopper;

import io.footfall.flink.state.StateBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Everything that is remembered of one user, packed into one array of bytes between two rows. */
final class UserState {

  final ClickLog log;
  final RecentViews views;
  final FirstSeen firstSeen;
  final List<Session> sessions;
  /** Checkouts that wait until no earlier click can come. */
  int waitingCheckouts;
  /** When the last checkout's id may be forgotten. */
  long checkoutsUntil = Long.MIN_VALUE;
  /**
   * For when a timer is set that looks which sessions are over. A session may grow until then, but
   * never end earlier.
   */
  long nextLookAtSessions = Long.MAX_VALUE;

  private UserState(ClickLog log, RecentViews views, FirstSeen firstSeen) {
    this.log = log;
    this.views = views;
    this.firstSeen = firstSeen;
    this.sessions = new ArrayList<>(1);
  }

  static UserState of(byte[] packed) {
    if (packed == null) {
      return new UserState(new ClickLog(), new RecentViews(), new FirstSeen());
    }
    StateBuffer in = new StateBuffer(packed);
    int waiting = in.readSize();
    long until = in.readLong();
    long nextLook = in.readLong();
    UserState user = new UserState(ClickLog.read(in), RecentViews.read(in), FirstSeen.read(in));
    user.waitingCheckouts = waiting;
    user.checkoutsUntil = until;
    user.nextLookAtSessions = nextLook;
    for (int left = in.readSize(); left > 0; left--) {
      user.sessions.add(Session.read(in));
    }
    return user;
  }

  byte[] pack(StateBuffer out) {
    out.clear();
    out.writeSize(waitingCheckouts);
    out.writeLong(checkoutsUntil);
    out.writeLong(nextLookAtSessions);
    log.write(out);
    views.write(out);
    firstSeen.write(out);
    out.writeSize(sessions.size());
    sessions.forEach(session -> session.write(out));
    return out.toBytes();
  }

  /** Returns the session that a row belongs to; sessions that the row connects become one. */
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

  /** When nothing of it matters any more; not before every session is over. */
  long neededUntil(ClickLifetimes lifetimes) {
    return Math.max(Math.max(log.neededUntil(lifetimes), firstSeen.neededUntil()), checkoutsUntil);
  }

  boolean isIdle() {
    return sessions.isEmpty() && views.isEmpty() && waitingCheckouts == 0;
  }
}
