"""What waits in the jobs topic, by endpoint and due time, without the jobs themselves.

A private SQLite file: millions of jobs may wait for an endpoint that is away for days, and memory stays bounded.
It is made anew from the topic at each assignment and ends with the process.
"""

import math
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from footfall_alerting.job import Job

_SCHEMA = """
CREATE TABLE waiting (
  id TEXT PRIMARY KEY, partition INTEGER, offset INTEGER, endpoint TEXT, due REAL,
  key TEXT, time REAL, sequence INTEGER, loaded INTEGER, behind INTEGER
) WITHOUT ROWID;
CREATE INDEX by_due ON waiting (endpoint, due) WHERE loaded = 0 AND behind = 0;
CREATE INDEX by_key ON waiting (endpoint, key, time, sequence, id);
"""


class Row(NamedTuple):
    """One waiting job, and where its newest state lies."""

    id: str
    partition: int
    offset: int
    endpoint: str
    due: float
    """Epoch seconds."""
    key: str
    time: float
    """Of the event, epoch seconds; with `sequence` the order within a key."""
    sequence: int


def row_of(job: Job, partition: int, offset: int) -> Row:
    """Return the row of a job."""
    return Row(job.webhook_id, partition, offset, job.endpoint, job.not_before, job.key, job.event_time, job.sequence)


class Index:
    """The waiting jobs of this worker's partitions."""

    def __init__(self) -> None:
        # Without a name it is a temporary file, kept in memory until it outgrows its cache.
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def put(self, row: Row, *, loaded: bool, behind: bool = False) -> None:
        """Note a job's newest state.

        Args:
            row: The job.
            loaded: Whether it is in memory, too.
            behind: Whether it waits for an earlier one of its key.
        """
        self._db.execute("INSERT OR REPLACE INTO waiting VALUES (?,?,?,?,?,?,?,?,?,?)", (*row, loaded, behind))

    def replay(self, states: Iterable[tuple[str, Row | None]]) -> None:
        """Note states in the order they were written; None ends a job. They are out of sight until `open`."""
        self._db.execute("BEGIN")
        for webhook_id, row in states:
            if row is None:
                self.remove(webhook_id)
            else:
                self.put(row, loaded=True)
        self._db.execute("COMMIT")

    def open(self, partition: int, ordered: Iterable[str]) -> None:
        """Let a partition's jobs be taken; of the endpoints that want order only the first of each key."""
        self._db.execute("UPDATE waiting SET loaded = 0 WHERE partition = ?", (partition,))
        for endpoint in ordered:
            self._db.execute(
                "UPDATE waiting SET behind = 1 WHERE partition = ?1 AND endpoint = ?2 AND EXISTS (SELECT 1 FROM waiting"
                " AS other WHERE other.endpoint = ?2 AND other.key = waiting.key AND (other.time, other.sequence,"
                " other.id) < (waiting.time, waiting.sequence, waiting.id))",
                (partition, endpoint),
            )

    def remove(self, webhook_id: str) -> None:
        """Forget a job that is finished."""
        self._db.execute("DELETE FROM waiting WHERE id = ?", (webhook_id,))

    def drop(self, partition: int) -> None:
        """Forget a partition that is another worker's."""
        self._db.execute("DELETE FROM waiting WHERE partition = ?", (partition,))

    def has(self, webhook_id: str) -> bool:
        """Tell whether a job waits."""
        return bool(self._db.execute("SELECT 1 FROM waiting WHERE id = ?", (webhook_id,)).fetchone())

    def get(self, webhook_id: str) -> Row | None:
        """Return a job that waits."""
        found = self._db.execute(
            "SELECT id, partition, offset, endpoint, due, key, time, sequence FROM waiting WHERE id = ?", (webhook_id,)
        ).fetchone()
        return None if found is None else Row(*found)

    def unload(self, webhook_id: str) -> None:
        """Note that a job is in memory no more."""
        self._db.execute("UPDATE waiting SET loaded = 0 WHERE id = ?", (webhook_id,))

    def load(self, endpoint: str, until: float, limit: int) -> list[Row]:
        """Return the earliest jobs that are not in memory and due until then, and note that they are now."""
        found = self._db.execute(
            "SELECT id, partition, offset, endpoint, due, key, time, sequence FROM waiting"
            " WHERE endpoint = ? AND loaded = 0 AND behind = 0 AND due <= ? ORDER BY due LIMIT ?",
            (endpoint, until, limit),
        ).fetchall()
        self._db.executemany("UPDATE waiting SET loaded = 1 WHERE id = ?", ((row[0],) for row in found))
        return [Row(*row) for row in found]

    def next_due(self, endpoint: str) -> float:
        """Return when the earliest is due that is not in memory, epoch seconds; infinity when there is none."""
        (due,) = self._db.execute(
            "SELECT min(due) FROM waiting WHERE endpoint = ? AND loaded = 0 AND behind = 0", (endpoint,)
        ).fetchone()
        return math.inf if due is None else float(due)

    def first_of(self, endpoint: str, key: str) -> str | None:
        """Return the id of a key's first waiting job."""
        found = self._db.execute(
            "SELECT id FROM waiting WHERE endpoint = ? AND key = ? ORDER BY time, sequence, id LIMIT 1",
            (endpoint, key),
        ).fetchone()
        return None if found is None else str(found[0])

    def free(self, webhook_id: str, due: float) -> None:
        """Note that a job waits for no earlier one any more."""
        self._db.execute("UPDATE waiting SET behind = 0, due = max(due, ?) WHERE id = ?", (due, webhook_id))

    def endpoints(self) -> list[str]:
        """Return the ids of the endpoints that anything waits for."""
        return [str(found[0]) for found in self._db.execute("SELECT DISTINCT endpoint FROM waiting")]

    def count(self, endpoint: str) -> int:
        """Return how many jobs wait in the topic for an endpoint."""
        return int(self._db.execute("SELECT count(*) FROM waiting WHERE endpoint = ?", (endpoint,)).fetchone()[0])

    def first_due(self, endpoint: str) -> float:
        """Return when the first of them is or was due, epoch seconds; infinity when there is none."""
        (due,) = self._db.execute("SELECT min(due) FROM waiting WHERE endpoint = ?", (endpoint,)).fetchone()
        return math.inf if due is None else float(due)
