"""The lanes of this worker: one for each endpoint that is configured, or that anything waits for."""

from collections.abc import Callable, Iterator, Mapping

from footfall_alerting.queue.gate import Gate
from footfall_alerting.queue.lane import Lane
from footfall_alerting.queue.ports import Meter
from footfall_alerting.queue.receiver import Receiver


class Lanes:
    """Lanes by endpoint id; each is made when it is first asked for.

    Args:
        receivers: By endpoint id.
        longest_hold: Seconds; no receiver holds its webhooks back for longer.
        meters: By endpoint id, configured or not.
        serve: Begins what may begin in a lane.
    """

    def __init__(
        self,
        receivers: Mapping[str, Receiver],
        longest_hold: float,
        meters: Callable[[str], Meter],
        serve: Callable[[Lane], None],
    ) -> None:
        self._receivers = receivers
        self._longest_hold = longest_hold
        self._meters = meters
        self._serve = serve
        self._lanes: dict[str, Lane] = {}
        for endpoint in receivers:
            self.of(endpoint)

    def __iter__(self) -> Iterator[Lane]:
        return iter(list(self._lanes.values()))

    def of(self, endpoint: str) -> Lane:
        """Return an endpoint's lane."""
        if endpoint not in self._lanes:
            receiver = self._receivers.get(endpoint)
            self._lanes[endpoint] = Lane(
                endpoint,
                receiver.sender if receiver else None,
                # Nothing is attempted where nobody is.
                Gate(receiver.slots if receiver else 1, receiver.rate if receiver else None, self._longest_hold),
                self._meters(endpoint),
                ordered=receiver is not None and receiver.ordered,
                serve=self._serve,
            )
        return self._lanes[endpoint]

    def find(self, endpoint: str) -> Lane | None:
        """Return an endpoint's lane if there is one."""
        return self._lanes.get(endpoint)
