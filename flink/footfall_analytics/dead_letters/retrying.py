"""Sends dead letters again, each once, whoever asks how often: a message and its mark are one transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from footfall_schemas.access_errors import access_error
from footfall_schemas.errors import TransientError
from footfall_schemas.provision import ensure_topics

from footfall_analytics.dead_letters.letter import Letter, Place
from footfall_analytics.dead_letters.marks import MARKS, mark, read_marks
from footfall_analytics.dead_letters.preparing import Again, NotSentError, Preparation, described_by
from footfall_analytics.dead_letters.reading import Reader

BATCH = 200
"""Messages of one transaction: readers wait for its end."""
TIMEOUT = 30.0
"""Seconds a transaction may take, and its open remains hold readers back when this process is killed."""
LONGEST = 10 << 20
"""Bytes of a message."""

FENCED = {
    KafkaError._FENCED,  # noqa: SLF001
    KafkaError.PRODUCER_FENCED,
    KafkaError.INVALID_PRODUCER_EPOCH,
}


class RetryError(TransientError):
    """Nothing was sent, or the rest was not; what to do is in the message."""


@dataclass(frozen=True)
class Outcome:
    """What became of one dead letter."""

    letter: Letter
    sent_to: Place | None = None
    """Where its message was sent to, now or before."""
    before: bool = False
    """Whether it had been sent before."""
    not_sent: str = ""
    """Why nothing was sent."""
    again: Again | None = None
    """What was sent, or would be."""


def retry(
    client: Mapping[str, str], letters: list[Letter], preparation: Preparation, *, dry_run: bool = False
) -> Iterator[Outcome]:
    """Send messages again to the topics they came from, in their order in each partition.

    Args:
        client: librdkafka settings of the connection.
        letters: Their dead letters, in order.
        preparation: What to change.
        dry_run: Only print what would be sent.

    Yields:
        What became of each; what is yielded as sent is committed.

    Raises:
        RetryError: Another retry began meanwhile, or the broker refused a message.
        AccessRefusedError: The user may not write.
        BrokerAwayError: The broker does not answer.
        RegistryUnavailableError: The registry does not answer.
    """
    producer = None if dry_run else _producer(client, preparation.prefix)
    with Reader(client) as reader:
        # Only now: whoever was sending before has been stopped, and everything they have sent is committed or gone.
        marks = read_marks(reader, preparation.prefix)
        for begin in range(0, len(letters), BATCH):
            outcomes = list(_judged(letters[begin : begin + BATCH], marks, reader, preparation))
            yield from outcomes if producer is None else _sent(client, producer, outcomes, preparation.prefix)


def _judged(
    letters: list[Letter], marks: Mapping[str, Place], reader: Reader, preparation: Preparation
) -> Iterator[Outcome]:
    open_letters = [letter for letter in letters if letter.mark not in marks]
    known = [letter for letter in open_letters if described_by(letter, preparation.prefix)]
    originals = reader.originals([letter.place for letter in known if reader.exists(letter.place.topic)])
    for letter in letters:
        if letter.mark in marks:
            yield Outcome(letter, sent_to=marks[letter.mark], before=True)
            continue
        try:
            again = preparation.prepare(letter, originals.get(letter.place))
            _see_that_it_is_the_newest(again, reader, preparation.prefix)
        except NotSentError as error:
            yield Outcome(letter, not_sent=str(error))
        else:
            yield Outcome(letter, again=again)


def _see_that_it_is_the_newest(again: Again, reader: Reader, prefix: str) -> None:
    """Refuse an old version: of a compacted topic, what is sent last is what is kept.

    Raises:
        NotSentError: There is a newer one.
    """
    described = described_by(again.letter, prefix)
    if described is None or described.cleanup != "compact":
        return
    for message in reader.after(again.letter.place):
        if message.key() == again.key:
            newer = Place(message.topic(), message.partition(), message.offset())
            raise NotSentError(f"a newer message of its key is at {newer}; send a new version instead")


def _producer(client: Mapping[str, str], prefix: str) -> Producer:
    ensure_topics(client, [MARKS], prefix=prefix)
    producer = Producer(
        dict(client)
        | {"transactional.id": f"{prefix}footfall-dead-letters", "transaction.timeout.ms": str(int(TIMEOUT * 1000))}
        | {"partitioner": "murmur2_random", "message.max.bytes": str(LONGEST)}
    )
    _told(client, lambda: producer.init_transactions(TIMEOUT))
    return producer


def _sent(client: Mapping[str, str], producer: Producer, outcomes: list[Outcome], prefix: str) -> list[Outcome]:
    """Send what is to be sent and return all outcomes, in order, when it is committed."""
    sending = [outcome for outcome in outcomes if outcome.again]
    if not sending:
        return outcomes
    places: dict[str, Place] = {}
    refused: list[str] = []

    def note(letter: Letter, error: KafkaError | None, message: Message) -> None:
        if error is None:
            places[letter.mark] = Place(message.topic(), message.partition(), message.offset())
        else:
            refused.append(f"{letter.place}: {error.str()}")

    def send() -> None:
        producer.begin_transaction()
        for outcome in sending:
            _produce(producer, outcome.again, note)
        if producer.flush(TIMEOUT) or refused:
            raise RetryError(
                f"nothing of this batch was sent: {refused[0] if refused else 'the broker does not answer'}"
            )
        for outcome in sending:
            key, value = mark(outcome.letter, places[outcome.letter.mark])
            producer.produce(prefix + MARKS.name, value, key)
        producer.commit_transaction(TIMEOUT)

    _told(client, send, producer)
    return [
        Outcome(each.letter, sent_to=places[each.letter.mark], again=each.again) if each.again else each
        for each in outcomes
    ]


def _produce(producer: Producer, again: Again | None, note: Any) -> None:
    if again is None:
        return
    letter = again.letter
    chosen = {} if again.partition is None else {"partition": again.partition}
    producer.produce(
        letter.place.topic,
        again.value,
        again.key,
        headers=again.headers,
        on_delivery=lambda error, message: note(letter, error, message),
        **chosen,
    )
    producer.poll(0)


def _told(client: Mapping[str, str], call: Any, producer: Producer | None = None) -> None:
    """Call, and turn what Kafka says into what it means.

    Raises:
        RetryError: Somebody else sends now, or the batch was taken back.
        AccessRefusedError: The user may not write.
        KafkaException: Anything else.
    """
    try:
        call()
    except (KafkaException, RetryError, BufferError) as error:
        kafka = error.args[0] if isinstance(error, KafkaException) else None
        if kafka is not None and kafka.code() in FENCED:
            raise RetryError("another `footfall dead-letters retry` has started; this one stopped") from None
        if producer is not None and (kafka is None or kafka.txn_requires_abort()):
            producer.abort_transaction(TIMEOUT)
        if kafka is None:
            raise
        raise access_error(client, kafka, "write in transactions") from None
