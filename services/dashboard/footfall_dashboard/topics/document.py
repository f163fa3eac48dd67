"""What is answered of topics and their messages: the OpenAPI description is this file."""

from typing import Annotated, Any, Literal

from footfall_chassis.described import Described, Moment
from pydantic import Field, WithJsonSchema

from footfall_dashboard.topics.names import TopicKind

AnyJson = Annotated[
    Any, WithJsonSchema({"type": ["object", "array", "string", "number", "boolean", "null"]}, mode="serialization")
]


class GroupLag(Described):
    """How far a consumer group is behind the end of a topic."""

    group: str = Field(examples=["footfall-shop_events"])
    """Name of the consumer group."""
    lag: int = Field(ge=0, examples=[0])
    """Offsets from where it stands to the end: messages that wait, and markers of transactions, which nobody reads."""


class TopicSummary(Described):
    """One topic in the list."""

    name: str = Field(examples=["clickstream"])
    """Name on the broker."""
    kind: TopicKind = Field(examples=["input"])
    """`input`: events and versions that a shop sends; `output`: what analytics computes; `recorded`: what the last replay
    computed; `service`: a service's own, such as retries and dead letters."""
    doc: str = Field(examples=["One user action."])
    """What one message is; empty for a service's own topic."""
    partitions: int = Field(ge=0, examples=[4])
    """How many partitions it has."""
    offsets: int = Field(ge=0, examples=[120000])
    """Offsets between begin and end of all partitions: as many messages are kept at most, for markers of transactions and
    messages that were compacted away have one each."""
    held_back: int = Field(ge=0, examples=[0])
    """Offsets behind the last stable ones: an open transaction keeps readers of committed messages from them."""
    lags: list[GroupLag] = Field(default_factory=list)
    """How far each consumer group of Footfall's that reads it is behind; empty if none commits how far it has read."""
    cleanup: Literal["delete", "compact"] | None = Field(None, examples=["delete"])
    """What the contract says happens to old messages; null for a service's own topic."""
    retention_hours: int | None = Field(None, examples=[168])
    """How long the contract keeps messages; null if for ever, or if it says nothing."""


class TopicList(Described):
    """Every topic of Footfall's on the broker."""

    as_of: Moment = Field(examples=["2026-03-01T12:00:05.000Z"])
    """When the broker was asked."""
    topics: list[TopicSummary] = Field(default_factory=list)
    """Inputs, outputs, the services' own, then recorded results."""


class GroupPlace(Described):
    """Where a consumer group stands in a partition."""

    group: str = Field(examples=["footfall-shop_events"])
    """Name of the consumer group."""
    committed: int = Field(ge=0, examples=[29990])
    """The offset that it reads next."""
    lag: int = Field(ge=0, examples=[10])
    """Offsets from there to the end."""


class PartitionOffsets(Described):
    """Where a partition begins and ends."""

    partition: int = Field(ge=0, examples=[0])
    """Its number."""
    begin: int = Field(ge=0, examples=[0])
    """The first offset that is kept."""
    end: int = Field(ge=0, examples=[30000])
    """The offset behind the last message."""
    last_stable: int = Field(ge=0, examples=[30000])
    """The offset at which readers of committed messages end: before `end` while a transaction is open."""
    groups: list[GroupPlace] = Field(default_factory=list)
    """Where Footfall's consumer groups stand in it."""


class FieldInfo(Described):
    """A field of the messages."""

    name: str = Field(examples=["user_id"])
    """Its name."""
    type: str = Field(examples=["string"])
    """Its Avro type, in short."""
    doc: str = Field(examples=["Who did it."])
    """What it means."""
    is_key: bool = Field(examples=[True])
    """Whether it is part of the message's key."""
    is_personal: bool = Field(examples=[False])
    """Whether it is shown masked unless DASHBOARD_SHOW_PERSONAL is true."""


class TopicDetail(TopicSummary):
    """One topic with its partitions and fields."""

    as_of: Moment = Field(examples=["2026-03-01T12:00:05.000Z"])
    """When the broker was asked."""
    places: list[PartitionOffsets] = Field(default_factory=list)
    """Its partitions."""
    fields: list[FieldInfo] = Field(default_factory=list)
    """What its schema says of the fields; empty for a service's own topic."""


class Bytes(Described):
    """Bytes as they are, as far as they are shown."""

    size: int = Field(ge=0, examples=[4])
    """How many there are."""
    hex: str = Field(examples=["deadbeef"])
    """The first 1,024 of them in hexadecimal digits."""
    base64: str = Field(examples=["3q2+7w=="])
    """The first 65,536 of them in Base64."""
    is_cut: bool = Field(examples=[False])
    """Whether `base64` does not hold all."""


class HeaderShown(Described):
    """A header of a message."""

    name: str = Field(examples=["error"])
    """Its name."""
    text: str | None = Field(None, examples=["magic byte is 123, not 0"])
    """Its value as text; null if it is none."""
    bytes: Bytes | None = Field(None, examples=[None])
    """Its value if it is no text."""


class MessageShown(Described):
    """One message."""

    partition: int = Field(ge=0, examples=[0])
    """Where it lies."""
    offset: int = Field(ge=0, examples=[29999])
    """Where it lies there."""
    time: Moment | None = Field(None, examples=["2026-03-01T12:00:05.000Z"])
    """When the broker appended it; null if it does not say."""
    key: str | None = Field(None, examples=["user-000042"])
    """Its key as text; null if it has none, or if that is no text."""
    key_bytes: Bytes | None = Field(None, examples=[None])
    """Its key if that is no text."""
    headers: list[HeaderShown] = Field(default_factory=list)
    """Its headers."""
    is_tombstone: bool = Field(examples=[False])
    """Whether it has no value: it deletes what its key stood for."""
    schema_id: int | None = Field(None, examples=[7])
    """Id of the schema that it was written with; null if it was written with none."""
    value: AnyJson = Field(None, examples=[{"event_id": "e1", "user_id": "user-000042"}])
    """Its value as JSON: times in UTC, money as text, bytes as objects of `size`, `hex`, `base64`, `is_cut`; null if it has
    none or cannot be decoded."""
    masked: list[str] = Field(default_factory=list, examples=[["name"]])
    """Fields of the value that are personal and shown as `***`; `(bytes)` if its bytes are not shown for that reason."""
    bytes: Bytes | None = Field(None, examples=[None])
    """Its value as it is; only if it cannot be decoded."""
    reason: str | None = Field(None, examples=["magic byte is 123, not 0"])
    """Why it cannot be decoded; of a dead letter, why it is one."""


class Messages(Described):
    """Messages of one topic, newest first."""

    topic: str = Field(examples=["clickstream"])
    """Name of the topic."""
    messages: list[MessageShown] = Field(default_factory=list)
    """The messages; of several partitions, by the time of appending among those that were looked at."""
    older: str | None = Field(None, examples=["0:29980,1:30011"])
    """Give it as `before` to go on with older ones; null if there are none."""
    looked_at: int = Field(ge=0, examples=[80])
    """Offsets that were looked at for this answer."""
    look_limit: int = Field(20_000, ge=1, examples=[20_000])
    """So many are looked at in one request at most: a key is looked for among the newest only; `older` goes on."""
