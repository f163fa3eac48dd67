"""The table that holds, for each stream and partition, how far its rows are in BigQuery, and which topic they are of. Pure.

A row with partition -1 speaks of the stream as a whole: the topic's life, and a generation, which is another one whenever the
stream's table was made anew. Progress counts only for the generation in which its reader began.
"""
# ruff: noqa: S608  names are the contract's and the settings'; what else is told goes as parameters

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from footfall_schemas.topics import Json

from footfall_exporter.sink import Life

TABLE = "footfall_progress"
STREAM = -1
DESCRIBED: list[Json] = [
    {"name": name, "type": type_, "mode": "NULLABLE", "description": doc}
    for name, type_, doc in (
        ("stream", "STRING", "Stream, as its table is called."),
        ("kafka_partition", "INT64", "Partition of the topic; -1: the stream as a whole."),
        ("next_offset", "INT64", "Offset from which the table has nothing of this partition."),
        ("topic_id", "STRING", "Kafka's id of the topic, of the stream as a whole."),
        ("partitions", "INT64", "How many the topic has, of the stream as a whole."),
        ("generation", "STRING", "Of the stream as a whole; another one whenever its table was made anew."),
    )
]


class Query(NamedTuple):
    """A statement with its parameters."""

    sql: str
    parameters: dict[str, str | int]


@dataclass
class State:
    """What the table says of one stream."""

    life: Life | None = None
    generation: str = ""
    offsets: dict[int, int] = field(default_factory=dict)
    """By partition, from which one on nothing is there."""


def read(table: str, stream: str) -> Query:
    """Return the query for all that is known of a stream."""
    return Query(
        f"SELECT kafka_partition, next_offset, topic_id, partitions, generation FROM `{table}` WHERE stream = @stream",
        {"stream": stream},
    )


def state_of(rows: list[Any]) -> State:
    """Return what the rows say."""
    state = State()
    for row in rows:
        if row["kafka_partition"] == STREAM:
            state.life, state.generation = Life(row["topic_id"], row["partitions"]), row["generation"]
        else:
            state.offsets[row["kafka_partition"]] = max(
                row["next_offset"], state.offsets.get(row["kafka_partition"], 0)
            )
    return state


def forget(table: str, stream: str) -> Query:
    """Return the statement that removes all that is known of a stream."""
    return Query(f"DELETE FROM `{table}` WHERE stream = @stream", {"stream": stream})


def begin(table: str, stream: str, life: Life, generation: str) -> Query:
    """Return the statement that keeps the life of the topic whose rows follow."""
    return Query(
        f"MERGE `{table}` AS t USING (SELECT @stream AS stream) AS s "
        f"ON t.stream = s.stream AND t.kafka_partition = {STREAM} "
        "WHEN MATCHED THEN UPDATE SET topic_id = @topic_id, partitions = @partitions, generation = @generation "
        "WHEN NOT MATCHED THEN INSERT (stream, kafka_partition, topic_id, partitions, generation) "
        f"VALUES (@stream, {STREAM}, @topic_id, @partitions, @generation)",
        {"stream": stream, "topic_id": life.topic_id, "partitions": life.partitions, "generation": generation},
    )


def advance(table: str, stream: str, partition: int, offset: int, generation: str) -> Query:
    """Return the statement that notes how far a partition is; nothing, when the generation is another by now."""
    return Query(
        f"MERGE `{table}` AS t USING ("
        f"SELECT stream FROM `{table}` WHERE stream = @stream AND kafka_partition = {STREAM} AND generation = @generation"
        ") AS s ON t.stream = s.stream AND t.kafka_partition = @partition "
        "WHEN MATCHED AND t.next_offset < @offset THEN UPDATE SET next_offset = @offset "
        "WHEN NOT MATCHED THEN INSERT (stream, kafka_partition, next_offset) VALUES (@stream, @partition, @offset)",
        {"stream": stream, "partition": partition, "offset": offset, "generation": generation},
    )
