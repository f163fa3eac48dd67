"""What was found about one stream or one promise in one scenario. Pure but for printing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

SHOWN = 3
"""Wrong rows shown of each kind."""


@dataclass(frozen=True)
class Verdict:
    """How many rows were compared and what is wrong with them."""

    scenario: str
    subject: str
    rows: int
    differences: int
    examples: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.differences == 0


def compared(scenario: str, subject: str, rows: int, wrong: dict[str, list[Any]]) -> Verdict:
    """Return the verdict on rows of which some are wrong, by what is wrong with them."""
    examples = [f"{kind}: {row}" for kind, found in wrong.items() for row in found[:SHOWN]]
    return Verdict(scenario, subject, rows, sum(map(len, wrong.values())), examples)


def summary(verdicts: Sequence[Verdict]) -> str:
    """Say in a line how many hold and which do not."""
    wrong = [verdict.subject for verdict in verdicts if not verdict.holds]
    failed = f"; not {', '.join(wrong)}" if wrong else ""
    return f"{len(verdicts) - len(wrong)} of {len(verdicts)} hold{failed}"


def show(found: Sequence[Verdict], console: Console) -> None:
    """Print one table, and examples of what is wrong."""
    table = Table(title="Outputs against the independent computation", title_justify="left")
    table.add_column("scenario")
    table.add_column("stream")
    table.add_column("rows", justify="right")
    table.add_column("differences", justify="right")
    for previous, verdict in zip([None, *found], found, strict=False):
        if previous and previous.scenario != verdict.scenario:
            table.add_section()
        colour = "green" if verdict.holds else "bold red"
        table.add_row(
            verdict.scenario, verdict.subject, f"{verdict.rows:,}", f"[{colour}]{verdict.differences:,}[/{colour}]"
        )
    console.print(table)
    for verdict in found:
        for example in verdict.examples:
            console.print(f"{verdict.scenario}, {verdict.subject}: {example}", markup=False, highlight=False)
