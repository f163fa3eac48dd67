"""Whether a sink's rows and a topic belong together: offsets are versions within one life of a topic only. Pure."""

from footfall_exporter.sink import Life
from footfall_exporter.streams import Stream


def trouble(stream: Stream, held: Life | None, now: Life, place: str) -> str:
    """Return what keeps the stream from being exported, and the cure; empty: nothing does.

    Args:
        stream: Whose rows.
        held: Life of the topic whose rows the sink holds; None: it holds none.
        now: Life of the topic that is read.
        place: Where the sink keeps the rows.
    """
    if held is None:
        return ""
    cure = f"move {place} away (or name another place) and restart the exporter: it begins with the topic's first row"
    if held.topic_id != now.topic_id:
        return (
            f"topic {stream.kafka_topic} was made anew (its id is {now.topic_id}), and {place} holds rows of the one with id "
            f"{held.topic_id}: {cure}"
        )
    if stream.is_upsert and held.partitions != now.partitions:
        return (
            f"topic {stream.kafka_topic} has {now.partitions} partitions instead of {held.partitions}, so keys have moved "
            f"and which row of a key is the latest cannot be told by offset: {cure}"
        )
    return ""
