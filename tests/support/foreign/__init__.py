"""The table of foreign inputs, to which Python's codec, Flink's format and the live stack are held alike.

`PYTHONPATH=tests python -m support.foreign` writes it for the Java tests.
"""

from datetime import datetime

from support.foreign import encodings, evolved, quantities, refunds, shapes
from support.foreign.case import APART, BEGIN, Case, Referenced, Table

__all__ = ["APART", "BEGIN", "Case", "Referenced", "cases"]


def cases(begin: datetime = BEGIN) -> list[Case]:
    """Return all cases, the first of which happens at `begin`, each two minutes after the one before."""
    table = Table(begin)
    for each in (shapes, quantities, refunds, encodings, evolved):
        each.add(table)
    return table.cases
