"""Messages of one partition as columns: fast where all is well, exact about each message where it is not. Pure."""

import io
from collections.abc import Callable, Sequence

import fastavro
import pyarrow as pa
from footfall_schemas.codec import HEADER, PoisonMessageError, decode, encode, parse, schema_id_of
from footfall_schemas.topics import Json

from footfall_exporter.batch import Message, Refusal
from footfall_exporter.columns import UnfitValueError, plain, record_columns
from footfall_exporter.streams import Stream
from footfall_exporter.vectors import UnusualError, read_columns

SHAPE = {"type", "fields", "items", "values", "symbols", "size", "name", "logicalType", "precision", "scale"}
"""Attributes of a schema by which bytes are read as rows."""
REMEMBERED = 100
"""Writers' schemas that are known."""


class Decoded:
    """Rows in columns, and which messages are none.

    Args:
        rows: The stream's columns.
        messages: Of each row.
        refused: The other messages.
    """

    def __init__(self, rows: pa.Table, messages: Sequence[Message], refused: Sequence[Refusal]) -> None:
        self.rows = rows
        self.messages = messages
        self.refused = refused


class Decoder:
    """Decodes the messages of one stream.

    Args:
        stream: Whose.
        look_up: Returns the schema of an id; raises `PoisonMessageError` when there is none, `RegistryUnavailableError`
            when nobody can say now.
    """

    def __init__(self, stream: Stream, look_up: Callable[[int], Json]) -> None:
        self._stream = stream
        self._look_up = look_up
        self._schema = stream.topic.reader
        self._plain = plain(stream.topic.schema)
        self._writers: dict[int, bool] = {}
        """By id, whether a schema is the very one that reads."""

    def decode(self, messages: Sequence[Message]) -> Decoded:
        """Return the rows of these messages.

        Raises:
            RegistryUnavailableError: A schema cannot be looked up now.
        """
        if (fast := self._fast(messages)) is not None:
            return Decoded(fast, messages, [])
        refused: list[Refusal] = []
        kept: list[Message] = []
        rows: list[Json | None] = []
        for message in messages:
            try:
                rows.append(self._row(message))
                kept.append(message)
            except (PoisonMessageError, UnfitValueError) as error:
                refused.append(Refusal(message.offset, str(error)))
        try:
            return Decoded(self._table(rows), kept, refused)
        except (UnfitValueError, pa.ArrowException, OverflowError):
            return self._one_by_one(rows, kept, refused)

    def _fast(self, messages: Sequence[Message]) -> pa.Table | None:
        """Return the rows if all messages are usual ones, written with the schema that reads them; otherwise None."""
        values = [message.value for message in messages if message.value is not None]
        headers = {value[: HEADER.size] for value in values}
        if len(values) < len(messages) or len(headers) != 1:
            return None
        try:
            if not self._is_ours(schema_id_of(values[0])):
                return None
            if self._stream.is_upsert:
                for message in messages:
                    self._check_key(message)
            columns = read_columns(self._stream.topic.schema, values)
        except (PoisonMessageError, UnfitValueError, UnusualError):
            return None
        return pa.Table.from_arrays(columns, schema=self._stream.columns)

    def _one_by_one(self, rows: list[Json | None], messages: list[Message], refused: list[Refusal]) -> Decoded:
        fit: list[Json | None] = []
        kept: list[Message] = []
        for row, message in zip(rows, messages, strict=True):
            try:
                self._table([row])
            except (UnfitValueError, pa.ArrowException, OverflowError) as error:
                refused.append(Refusal(message.offset, str(error)))
            else:
                fit.append(row)
                kept.append(message)
        return Decoded(self._table(fit), kept, refused)

    def _table(self, rows: list[Json | None]) -> pa.Table:
        return pa.Table.from_arrays(record_columns(self._stream.topic.schema, rows), schema=self._stream.columns)

    def _row(self, message: Message) -> Json | None:
        value = message.value
        if self._stream.is_upsert:
            self._check_key(message)
            if value is None:
                return None
        if value is None:
            raise PoisonMessageError("no value (a tombstone), in a stream whose rows are never deleted")
        schema_id = schema_id_of(value)
        if not self._is_ours(schema_id):
            return self._carefully(value, schema_id)
        body = io.BytesIO(value)
        body.seek(HEADER.size)
        try:
            row = fastavro.schemaless_reader(body, parse(self._plain), None)
        except Exception:  # noqa: BLE001  the contract's codec says what is wrong with it, if anything is
            return self._carefully(value, schema_id)
        if body.tell() != len(value) or not isinstance(row, dict):
            return self._carefully(value, schema_id)
        return row

    def _carefully(self, value: bytes, schema_id: int) -> Json:
        """Return the row as the contract's codec reads it, in plain form.

        Raises:
            PoisonMessageError: It cannot be read.
        """
        record = decode(value, self._look_up(schema_id), self._schema)
        body = io.BytesIO(encode(schema_id, self._stream.topic.schema, record))
        body.seek(HEADER.size)
        row = fastavro.schemaless_reader(body, parse(self._plain), None)
        assert isinstance(row, dict)  # noqa: S101  the schema is a record's
        return row

    @staticmethod
    def _check_key(message: Message) -> None:
        if message.key is None:
            raise UnfitValueError("it has no key")
        try:
            message.key.decode()
        except UnicodeDecodeError:
            raise UnfitValueError("its key is no UTF-8 text") from None

    def _is_ours(self, schema_id: int) -> bool:
        known = self._writers.get(schema_id)
        if known is None:
            if len(self._writers) >= REMEMBERED:
                self._writers.clear()
            known = self._writers[schema_id] = _shape(self._look_up(schema_id)) == _shape(self._stream.topic.schema)
        return known


def _shape(schema: object) -> object:
    """Return what of a schema decides how bytes are read as rows: names of fields, but not of records."""
    match schema:
        case dict():
            kept = SHAPE - ({"name"} if "fields" in schema else set())
            return {name: _shape(value) for name, value in schema.items() if name in kept}
        case list():
            return [_shape(item) for item in schema]
        case _:
            return schema
