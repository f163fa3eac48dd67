"""Makes the list of topics of what the broker says. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from footfall_schemas.personal import personal_fields
from footfall_schemas.topics import Topic

from footfall_dashboard.topics.broker import Found, Offsets
from footfall_dashboard.topics.document import (
    FieldInfo,
    GroupLag,
    GroupPlace,
    PartitionOffsets,
    TopicDetail,
    TopicList,
    TopicSummary,
)
from footfall_dashboard.topics.names import KnownTopic


def list_of(topics: Mapping[str, KnownTopic], found: Found, at: datetime) -> TopicList:
    """Return every topic with what is known of it."""
    return TopicList(as_of=at, topics=[_summary(topic, found) for topic in topics.values()])


def detail_of(topic: KnownTopic, found: Found, at: datetime) -> TopicDetail:
    """Return one topic with its partitions and fields."""
    return TopicDetail(
        **_summary(topic, found).model_dump(),
        as_of=at,
        places=[
            PartitionOffsets(
                partition=number,
                begin=offsets.begin,
                end=offsets.end,
                last_stable=offsets.stable,
                groups=_groups(topic.name, number, offsets, found),
            )
            for number, offsets in found.places(topic.name).items()
        ],
        fields=_fields(topic.contract) if topic.contract else [],
    )


def _summary(topic: KnownTopic, found: Found) -> TopicSummary:
    places, contract = found.places(topic.name), topic.contract
    lags: dict[str, int] = {}
    for number, offsets in places.items():
        for each in _groups(topic.name, number, offsets, found):
            lags[each.group] = lags.get(each.group, 0) + each.lag
    return TopicSummary(
        name=topic.name,
        kind=topic.kind,
        doc=contract.schema.get("doc", "") if contract else "",
        partitions=len(places),
        offsets=sum(offsets.end - offsets.begin for offsets in places.values()),
        held_back=sum(offsets.end - offsets.stable for offsets in places.values()),
        lags=[GroupLag(group=group, lag=lag) for group, lag in lags.items()],
        cleanup=contract.cleanup if contract else None,
        retention_hours=contract.retention_hours if contract else None,
    )


def _groups(topic: str, number: int, offsets: Offsets, found: Found) -> list[GroupPlace]:
    standing = {group: places.get((topic, number)) for group, places in sorted(found.committed.items())}
    return [
        GroupPlace(group=group, committed=committed, lag=max(offsets.end - committed, 0))
        for group, committed in standing.items()
        if committed is not None
    ]


def _fields(contract: Topic) -> list[FieldInfo]:
    personal = personal_fields(contract.reader)
    return [
        FieldInfo(
            name=field["name"],
            type=_type(field["type"]),
            doc=field.get("doc", ""),
            is_key=field["name"] in contract.key,
            is_personal=field["name"] in personal,
        )
        for field in contract.schema["fields"]
    ]


def _type(written: Any) -> str:
    match written:
        case list():
            return " or ".join(_type(branch) for branch in written)
        case {"logicalType": "decimal", "precision": precision, "scale": scale}:
            return f"decimal({precision},{scale})"
        case {"logicalType": str(name)}:
            return name
        case {"type": "enum", "symbols": symbols}:
            return f"one of {', '.join(symbols)}"
        case {"type": "array", "items": items}:
            return f"list of {_type(items)}"
        case {"type": "record", "fields": fields}:
            return f"record of {', '.join(field['name'] for field in fields)}"
        case {"type": inner}:
            return _type(inner)
        case _:
            return str(written)
