"""Turns a message as it was read into what is shown of it. Pure but for the look-up of schemas that is handed in."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from footfall_health.ask.messages import RawMessage
from footfall_schemas.codec import PoisonMessageError, decode, schema_id_of, to_json
from footfall_schemas.errors import TransientError
from footfall_schemas.personal import personal_fields
from footfall_schemas.topics import RECORDED, Json

from footfall_dashboard.topics.document import Bytes, HeaderShown, MessageShown
from footfall_dashboard.topics.names import KnownTopic
from footfall_dashboard.topics.personal import holds_personal, masked

IN_HEX, IN_BASE64 = 1024, 65_536
"""So many bytes are shown at most."""
HIDDEN = "(bytes)"
_SOURCE, _ERROR = "source-topic", "error"
"""Headers of a service's dead letter: where it came from, and why it is one."""


@dataclass(frozen=True)
class Shower:
    """Shows the messages of one installation."""

    schema: Callable[[int], Json]
    """Returns a writer's schema by its id, or raises PoisonMessageError or TransientError."""
    prefix: str = ""
    show_personal: bool = False

    def show(self, topic: KnownTopic, message: RawMessage) -> MessageShown:
        """Return what is shown of a message, whatever it holds."""
        headers = dict(message.headers)
        shown = MessageShown(
            partition=message.partition,
            offset=message.offset,
            time=None if message.millis is None else datetime.fromtimestamp(message.millis / 1000, UTC),
            key=_text(message.key),
            key_bytes=None if message.key is None or _text(message.key) is not None else as_bytes(message.key),
            headers=[_header(name, value) for name, value in message.headers],
            is_tombstone=message.value is None,
            reason=_text(headers.get(_ERROR)),
        )
        if message.value is None:
            return shown
        source = (_text(headers.get(_SOURCE)) or topic.name).removeprefix(self.prefix).removeprefix(RECORDED)
        return shown.model_copy(update=self._value(topic, message.value, source))

    def _value(self, topic: KnownTopic, value: bytes, source: str) -> dict[str, Any]:
        reader = topic.contract.reader if topic.contract else None
        try:
            schema_id = schema_id_of(value)
        except PoisonMessageError as error:
            # What services write for themselves is JSON.
            is_json, document = _json(value) if reader is None else (False, None)
            return {"value": document} if is_json else self._undecoded(value, str(error), source)
        try:
            record = decode(value, self.schema(schema_id), reader)
        except (PoisonMessageError, TransientError) as error:
            return {"schema_id": schema_id} | self._undecoded(value, str(error), source)
        fields = frozenset() if self.show_personal or reader is None else personal_fields(reader)
        document, hidden = masked(self._plain(record, source), fields)
        if record.get("payload") is not None and document["payload"] is None:
            hidden = [*hidden, HIDDEN]
        found = {"schema_id": schema_id, "value": document, "masked": hidden}
        return found | ({"reason": record["reason"]} if "payload" in record and "reason" in record else {})

    def _plain(self, record: Json, source: str) -> Json:
        """Return a record as JSON; the bytes of a dead letter are those of a message of the topic that it names."""
        of = str(record.get("topic", source)).removeprefix(self.prefix)
        hides = holds_personal(of) and not self.show_personal
        return {
            name: (None if hides else as_bytes(value).model_dump()) if isinstance(value, bytes) else value
            for name, value in to_json(record).items()
        }

    def _undecoded(self, value: bytes, reason: str, source: str) -> dict[str, Any]:
        if holds_personal(source) and not self.show_personal:
            return {"reason": reason, "masked": [HIDDEN]}
        return {"reason": reason, "bytes": as_bytes(value)}


def as_bytes(data: bytes) -> Bytes:
    """Return bytes as they are shown."""
    return Bytes(
        size=len(data),
        hex=data[:IN_HEX].hex(),
        base64=base64.b64encode(data[:IN_BASE64]).decode(),
        is_cut=len(data) > IN_BASE64,
    )


def _header(name: str, value: bytes | None) -> HeaderShown:
    text = _text(value)
    return HeaderShown(name=name, text=text, bytes=None if value is None or text is not None else as_bytes(value))


def _text(data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _json(value: bytes) -> tuple[bool, Any]:
    try:
        return True, json.loads(value)
    except (ValueError, RecursionError):
        return False, None
