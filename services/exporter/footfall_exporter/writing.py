"""Makes batches of what is held and has a sink write them; rows that are refused become dead letters."""

import time
from collections.abc import Callable, Sequence

from footfall_schemas.topics import Json

from footfall_exporter.batch import Batch, Refusal
from footfall_exporter.dead_letters import DeadLetters
from footfall_exporter.decoding import Decoder
from footfall_exporter.held import Held, Limits
from footfall_exporter.sink import Sink, SinkUnavailableError
from footfall_exporter.standing import Standing


class Writer:
    """Writes what is held of a partition, batch by batch.

    Args:
        sink: Where to.
        look_up: Returns the schema of an id.
        dead_letters: Where rows go that are refused.
        standing: Told what was written.
    """

    def __init__(
        self, sink: Sink, look_up: Callable[[int], Json], dead_letters: DeadLetters, standing: Standing
    ) -> None:
        self._sink = sink
        self._look_up = look_up
        self._dead_letters = dead_letters
        self._standing = standing
        self._decoders: dict[str, Decoder] = {}

    def write(self, mine: Held, limits: Limits, confirm_ours: Callable[[], None]) -> None:
        """Write the next batch, or what is left of the last one; the messages are let go when all are settled.

        Raises:
            NotOursError: Another instance has the partition.
            SinkUnavailableError: Not all rows could be stored now.
            RegistryUnavailableError: A schema cannot be looked up now.
        """
        batch = mine.pending
        if batch is None:
            batch = self._next(mine, limits, confirm_ours)
        outcome = self._sink.write(batch)
        self._bury(mine, outcome.refused)
        stored = len(batch) - len(outcome.refused) - len(outcome.again)
        self._standing.wrote(mine.stream, stored, len(outcome.refused))
        if outcome.again:
            mine.pending = batch.only(outcome.again)
            why = f": {outcome.why}" if outcome.why else ""
            raise SinkUnavailableError(
                f"{self._sink.name} did not take {len(outcome.again)} of {len(batch)} rows{why}",
                retry_after=outcome.retry_after,
            )
        self._standing.batch_done(mine.stream)
        mine.settle(mine.count, batch.last, time.monotonic())

    def _next(self, mine: Held, limits: Limits, confirm_ours: Callable[[], None]) -> Batch:
        messages = mine.next_messages(limits)
        decoder = self._decoders.setdefault(mine.stream.name, Decoder(mine.stream, self._look_up))
        decoded = decoder.decode(messages)
        mine.count = len(messages)
        upsert = mine.stream.is_upsert
        batch = Batch(
            mine.stream,
            mine.partition,
            mine.position,
            messages[-1].offset,
            decoded.rows,
            [message.offset for message in decoded.messages],
            [(message.key or b"").decode() for message in decoded.messages] if upsert else (),
            [message.value is None for message in decoded.messages] if upsert else (),
            messages[0].time,
            confirm_ours,
        )
        self._bury(mine, decoded.refused)
        self._standing.wrote(mine.stream, 0, len(decoded.refused))
        mine.pending = batch
        return batch

    def _bury(self, mine: Held, refused: Sequence[Refusal]) -> None:
        if refused:
            by_offset = {message.offset: message for message in mine.messages}
            self._dead_letters.add(self._sink.name, mine.stream, mine.partition, by_offset, refused)
