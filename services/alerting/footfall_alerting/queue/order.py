"""Where an endpoint wants order: which job of a key may be attempted, and which comes next."""

from footfall_alerting.queue.index import Index
from footfall_alerting.queue.lane import Lane
from footfall_alerting.queue.tickets import Ticket


def is_blocked(lane: Lane, ticket: Ticket, index: Index) -> bool:
    """Tell whether a job must wait for another of its key, in memory or in the topic."""
    if not lane.ordered:
        return False
    job = ticket.job
    if lane.heads.get(job.key, ticket) is not ticket:
        return True
    first = index.first_of(job.endpoint, job.key)
    return first is not None and first != job.webhook_id


def next_of(lane: Lane, finished: Ticket, index: Index, now: float) -> str | None:
    """Return the id of the job that need not wait any more once another of its key is finished, and note it."""
    lane.forget(finished)
    if not lane.ordered or finished.job.key in lane.heads:
        return None
    following = index.first_of(lane.endpoint, finished.job.key)
    if following is not None:
        index.free(following, now)
    return following
