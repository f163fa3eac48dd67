"""Commands `footfall dead-letters list`, `show`, `retry`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from footfall_chassis.durations import parse_duration
from footfall_chassis.one_line import one_line_errors
from rich.console import Console

from footfall_analytics.dead_letters.dlq import DeadLetterQueue
from footfall_analytics.dead_letters.letter import NotFoundError, Place, Wanted
from footfall_analytics.dead_letters.mending import Mend, MendError, parse_values
from footfall_analytics.dead_letters.present import lines_of, summary
from footfall_analytics.reading.render import table_of
from footfall_analytics.settings import AnalyticsSettings

LAST = 1000
dead_letters = typer.Typer(no_args_is_help=True, help="List, show and send again the messages that could not be read.")

TopicOption = Annotated[str, typer.Option("--topic", "-t", help="Only messages of this topic, such as checkouts.")]
ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Only those whose reason contains this text.")]
SinceOption = Annotated[
    str, typer.Option("--since", help="Only those found since then: 2h, 3d, or a time such as 2026-03-02T12:00Z.")
]
LastOption = Annotated[int, typer.Option("--last", "-n", min=1, help="Look at the last N of each partition.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]


@dead_letters.callback()
def _dead_letters() -> None:
    """List, show and send again the messages that could not be read."""


@dead_letters.command("list")
def list_command(
    topic: TopicOption = "",
    reason: ReasonOption = "",
    since: SinceOption = "",
    last: LastOption = LAST,
    unsent: Annotated[bool, typer.Option("--unsent", help="Only those that have not been sent again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List dead letters: position, time and reason of each message."""
    wanted = Wanted(topic=topic, reason=reason, since=_since(since))
    with _queue() as queue:
        found, marks = queue.find(wanted, last=last, with_payloads=False), queue.marks()
        rows = [summary(letter, queue.described(letter), marks) for letter in found.letters]
    rows = [row for row in rows if not (unsent and row["sent_again"])]
    if as_json:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
    elif rows:
        Console(soft_wrap=not sys.stdout.isatty()).print(
            table_of(None, rows, ["message", "time", "reason", "field", "by", "sent_again"])
        )
    if found.reached_bound:
        _tell(f"only the last {last} of each partition were searched; raise --last to search more")
    elif not rows:
        _tell(f"none of {found.looked_at} dead letters matches" if found.looked_at else "no dead letters")


@dead_letters.command()
def show(
    message: Annotated[str, typer.Argument(help="Position of the message, as listed: checkouts/1@17.")],
    last: LastOption = LAST,
    as_json: JsonOption = False,
) -> None:
    """Show one dead letter: its fields, its bytes, the reason, and how to fix it."""
    place = _place(message)
    with _queue() as queue:
        found = queue.find(Wanted(places=frozenset({place})), last=last)
        if not found.letters:
            raise NotFoundError(place, last)
        letter = found.letters[-1]
        told = queue.whole(letter)
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for line in lines_of(told, letter.payload):
            print(line)


@dead_letters.command()
def retry(
    message: Annotated[list[str] | None, typer.Argument(help="Positions of messages, such as checkouts/1@17.")] = None,
    topic: TopicOption = "",
    reason: ReasonOption = "",
    since: SinceOption = "",
    everything: Annotated[bool, typer.Option("--all", help="Send all that are found.")] = False,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", help="Set field=value first; null clears a field, now is the current time."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(help="Send the record in this JSON file instead, such as the edited output of `show --json`."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be sent.")] = False,
    last: LastOption = LAST,
    as_json: JsonOption = False,
) -> None:
    """Send messages to their topics again, fixed as you say: each once, however often you run this.

    Exits with 1 if a message was not sent.
    """
    places = frozenset(map(_place, message or []))
    if not (places or topic or reason or since or everything):
        raise typer.BadParameter("choose messages: positions, --topic, --reason, --since or --all")
    if record and len(places) != 1:
        raise typer.BadParameter("--record replaces one message; give its position", param_hint="--record")
    wanted = Wanted(places, topic, reason, _since(since))
    with _queue() as queue:
        mend = Mend(parse_values(values or []), _record(record) if record else None)
        found = queue.find(wanted, last=last)
        missing = sorted(places - {letter.place for letter in found.letters})
        if missing:
            raise NotFoundError(missing[0], last)
        not_sent = queue.retry(found.letters, mend, dry_run=dry_run, as_json=as_json)
    if found.reached_bound:
        _tell(f"only the last {last} of each partition were searched; raise --last to search more")
    if not_sent:
        raise typer.Exit(1)


@contextmanager
def _queue() -> Iterator[DeadLetterQueue]:
    with one_line_errors(), DeadLetterQueue(AnalyticsSettings.load_or_exit()) as queue:
        yield queue


def _place(text: str) -> Place:
    try:
        return Place.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _since(text: str) -> datetime | None:
    if not text:
        return None
    try:
        ago: timedelta = parse_duration(text)
        return datetime.now(UTC) - ago
    except (ValueError, OverflowError):
        pass
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r}: write 2h, 3d, or a time such as 2026-03-02T12:00Z", param_hint="--since"
        ) from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _record(file: Path) -> dict[str, object]:
    try:
        told = json.loads(file.read_text())
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise MendError(f"{file} cannot be read: {error}") from None
    # What `show --json` wrote has the record within.
    record = told.get("record", told) if isinstance(told, dict) and "message" in told else told
    if not isinstance(record, dict):
        raise MendError(f"{file} is not a record: write a JSON object of fields and values")
    return record


def _tell(text: str) -> None:
    print(f"footfall: {text}", file=sys.stderr)
