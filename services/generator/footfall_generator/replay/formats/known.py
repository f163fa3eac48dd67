"""The formats of recorded files that can be replayed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from footfall_generator.events.currencies import check_code
from footfall_generator.events.rows import Rows
from footfall_generator.replay.formats import online_retail, userbehavior
from footfall_generator.replay.formats.online_retail_encode import OnlineRetailEncoder
from footfall_generator.replay.formats.online_retail_rows import RetailRows
from footfall_generator.replay.formats.recorded import Format, FormatError
from footfall_generator.replay.formats.set_apart import SetApart
from footfall_generator.replay.formats.userbehavior import Behaviors
from footfall_generator.replay.formats.userbehavior_encode import UserBehaviorEncoder

DEFAULT = "userbehavior"
LONDON = "Europe/London"


@dataclass(frozen=True)
class UserBehavior:
    """Views, carts, wishes and purchases without a price."""

    name = DEFAULT
    row = f"no line reads {','.join(userbehavior.COLUMNS)}"
    currency: str = "CNY"

    def read(self, path: Path, now: datetime) -> Iterator[tuple[Behaviors, list[SetApart]]]:
        """Read the file block by block."""
        return userbehavior.read(path, now)

    def concat(self, parts: list[Behaviors]) -> Behaviors:
        """Return the rows of all parts, one after the other."""
        return Behaviors.concat(parts)

    def encoder(self, fingerprint: str, schema_ids: Mapping[str, int]) -> Callable[[Behaviors], list[Rows]]:
        """Return what turns rows into events."""
        return UserBehaviorEncoder(fingerprint, self.currency, schema_ids).encode

    def net(self, _: Behaviors) -> None:
        """Know no prices."""
        return


@dataclass(frozen=True)
class OnlineRetail:
    """Lines of invoices: sales and refunds."""

    name = "online-retail"
    row = "no line is a sale or a refund"
    currency: str = "GBP"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(LONDON))

    def read(self, path: Path, now: datetime) -> Iterator[tuple[RetailRows, list[SetApart]]]:
        """Read the file block by block."""
        return online_retail.read(path, now, self.zone)

    def concat(self, parts: list[RetailRows]) -> RetailRows:
        """Return the rows of all parts, one after the other."""
        return RetailRows.concat(parts) if parts else RetailRows.of([], [])

    def encoder(self, fingerprint: str, schema_ids: Mapping[str, int]) -> Callable[[RetailRows], list[Rows]]:
        """Return what turns rows into events."""
        return OnlineRetailEncoder(fingerprint, self.currency, schema_ids).encode

    def net(self, batch: RetailRows) -> Decimal:
        """Return what was paid less what was paid back."""
        # Python's integers, which a price of ten billion times two billion units does not exceed.
        amounts = batch.quantity.astype(object) * batch.cents.astype(object)
        paid, back = (int(amounts[which].sum()) for which in (~batch.refund, batch.refund))
        return Decimal(paid - back).scaleb(-2)


NAMES = (UserBehavior.name, OnlineRetail.name)


def format_named(name: str, *, currency: str | None = None, zone: str | None = None) -> Format[Any]:
    """Return the format.

    Args:
        name: As `--format` calls it.
        currency: What the amounts are in; the format's own unless given.
        zone: Where the clock hangs that the file's times are read from; the format's own unless given.

    Raises:
        FormatError: There is no such format, currency or zone, or the format's times have no zone.
    """
    if name not in NAMES:
        raise FormatError(f"--format {name}: choose {' or '.join(NAMES)}")
    options: dict[str, Any] = {}
    if currency is not None:
        try:
            options["currency"] = check_code(currency)
        except ValueError as error:
            raise FormatError(f"--currency {error}") from None
    if name == UserBehavior.name:
        if zone is not None:
            raise FormatError(f"--zone needs --format {OnlineRetail.name}; times of {name} are seconds since 1970")
        return UserBehavior(**options)
    return OnlineRetail(zone=_zone(LONDON if zone is None else zone), **options)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise FormatError(f"--zone {name!r} is not a time zone; use one such as {LONDON}") from None
