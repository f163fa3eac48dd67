"""BigQuery: a table for each stream, written by load jobs into a staging table and one MERGE for each batch."""

import uuid
from collections.abc import Callable, Sequence

import structlog

from footfall_exporter.batch import Batch, NotOursError, Refusal
from footfall_exporter.sink import GoneError, Life, Outcome, SinkUnavailableError
from footfall_exporter.sinks import bigquery_progress as progress
from footfall_exporter.sinks.bigquery_client import Client, RowsRefusedError
from footfall_exporter.sinks.bigquery_progress import Query, State
from footfall_exporter.sinks.bigquery_settings import BigQuerySettings
from footfall_exporter.sinks.bigquery_tables import DAY, Columns, additions, latest_view, merge, missing, table_of
from footfall_exporter.streams import Stream

GIVE_UP = 16
"""Rows that are refused one by one, and none taken, after which the fault is hardly the rows'."""

log = structlog.get_logger(__name__)


class BigQuerySink:
    """BigQuery's tables.

    Args:
        settings: Where they are.
        connect: Returns a client; asked for when it is first needed.
    """

    name: str = "bigquery"

    def __init__(self, settings: BigQuerySettings, connect: Callable[[BigQuerySettings], Client] = Client.of) -> None:
        self._settings = settings
        self._connect = connect
        self._connected: Client | None = None
        self._states: dict[str, State] = {}
        self._started: dict[tuple[str, int], str] = {}
        """Generation of the table in which each partition was begun."""

    @classmethod
    def from_environment(cls) -> "BigQuerySink":
        """Return the one that the environment describes.

        Raises:
            SettingsError: A variable is wrong.
        """
        return cls(BigQuerySettings.load())

    def prepare(self, stream: Stream) -> None:
        """Make the dataset, the tables and the view, or add columns."""
        table, wanted = self._table(stream), self._columns(stream).described
        try:
            there = self._client.columns(table)
            self._client.columns(self._progress)
        except GoneError:
            # What was known of a table that is gone says nothing of the one that follows; without progress all comes again.
            self._client.make_dataset()
            self._client.make_table(self._progress, progress.DESCRIBED, doc="How far each stream is exported.")
            self._client.run(progress.forget(self._full(self._progress), stream.name))
            self._states.pop(stream.name, None)
            columns = self._columns(stream)
            doc = str(stream.topic.schema["doc"])
            self._client.make_table(table, wanted, doc=doc, day=DAY, clustered=columns.clustered)
            there = self._client.columns(table)
        if grown := missing(there, wanted):
            for statement in additions(self._full(table), there, grown):
                self._client.run(Query(statement, {}))
            # Descriptions, and fields of structs.
            self._client.grow(table, grown)
            there = grown
        if stream.is_upsert:
            view = latest_view(self._full(self._settings.table_prefix + stream.name), self._full(table), there)
            self._client.run(Query(view, {}))

    def life(self, stream: Stream) -> Life | None:
        """Return what the progress table says, if the stream has a table."""
        try:
            self._client.columns(self._table(stream))
            return self._read(stream).life
        except GoneError:
            return None

    def begin(self, stream: Stream, life: Life) -> None:
        """Note the life; a stream of which nothing is known begins a generation."""
        state = self._state(stream)
        generation = state.generation or uuid.uuid4().hex
        self._client.run(progress.begin(self._full(self._progress), stream.name, life, generation))
        state.life, state.generation = life, generation

    def progress(self, stream: Stream, partition: int) -> int | None:
        """Return what the progress table says."""
        state = self._state(stream)
        self._started[stream.name, partition] = state.generation
        return state.offsets.get(partition, 0)

    def write(self, batch: Batch) -> Outcome:
        """Store the batch by one MERGE: all of it, or nothing; then note the progress."""
        try:
            refused = self._put(batch) if len(batch) else []
            self._advance(batch)
        except GoneError as error:
            raise NotOursError(f"a table is gone and is made anew, from the topic's first row: {error}") from error
        return Outcome(refused)

    def place(self, stream: Stream) -> str:
        """Return the stream's table."""
        project = self._settings.project
        return f"{f'{project}.' if project else ''}{self._settings.dataset}.{self._table(stream)}"

    def close(self) -> None:
        """Close connections."""
        if self._connected is not None:
            self._connected.close()

    @property
    def _client(self) -> Client:
        if self._connected is None:
            self._connected = self._connect(self._settings)
        return self._connected

    @property
    def _progress(self) -> str:
        return self._settings.table_prefix + progress.TABLE

    def _put(self, batch: Batch) -> list[Refusal]:
        columns, table = self._columns(batch.stream), self._table(batch.stream)
        there = self._client.columns(table)
        with self._client.staging(columns.described) as staging:
            refused = _load(self._client, staging, columns, batch)
            if len(refused) < len(batch):
                statement = merge(self._full(table), self._full(staging), columns, batch, there)
                self._client.run(Query(statement, {}))
        return refused

    def _advance(self, batch: Batch) -> None:
        """Note how far the partition is.

        Raises:
            NotOursError: The table was made anew since the partition was begun: rows before this batch are missing.
        """
        stream, partition, offset = batch.stream, batch.partition, batch.last + 1
        state = self._state(stream)
        generation = self._started.get((stream.name, partition), state.generation)
        _, changed = self._client.run(
            progress.advance(self._full(self._progress), stream.name, partition, offset, generation)
        )
        if not changed:
            state = self._read(stream)
            if state.generation != generation:
                raise NotOursError(
                    f"the table of {stream.name} was made anew: it is written from the topic's first row"
                )
        state.offsets[partition] = max(offset, state.offsets.get(partition, 0))

    def _state(self, stream: Stream) -> State:
        return self._states[stream.name] if stream.name in self._states else self._read(stream)

    def _read(self, stream: Stream) -> State:
        rows, _ = self._client.run(progress.read(self._full(self._progress), stream.name))
        self._states[stream.name] = progress.state_of(rows)
        return self._states[stream.name]

    def _columns(self, stream: Stream) -> Columns:
        return Columns(stream, wide_as_text=self._settings.wide_decimals == "string")

    def _table(self, stream: Stream) -> str:
        return table_of(stream, self._settings.table_prefix)

    def _full(self, table: str) -> str:
        return f"{self._client.dataset}.{table}"


def _load(client: Client, staging: str, columns: Columns, batch: Batch) -> list[Refusal]:
    """Load a batch's rows; halve it until each row that is refused is alone.

    Raises:
        SinkUnavailableError: Row after row is refused, and none is taken.
    """
    refused: list[Refusal] = []
    taken = 0
    waiting: list[Sequence[int]] = [range(len(batch))]
    while waiting:
        indices = waiting.pop()
        part = batch.only(indices)
        try:
            client.load(staging, columns.described, columns.rows(part))
        except RowsRefusedError as error:
            if len(indices) == 1:
                refused.append(Refusal(part.offsets[0], f"BigQuery refuses it: {error}"))
                log.warning("row is refused", stream=batch.stream.name, offset=part.offsets[0], reason=str(error))
            else:
                middle = len(indices) // 2
                waiting += [indices[middle:], indices[:middle]]
            if len(refused) >= GIVE_UP and not taken:
                raise SinkUnavailableError(
                    f"BigQuery refuses row after row: {error}; nothing is made a dead letter", needs_action=True
                ) from error
        else:
            taken += len(indices)
    return refused
