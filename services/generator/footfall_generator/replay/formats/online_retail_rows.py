"""Sales and refunds of an Online Retail file by columns."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa

from footfall_generator.events.arrays import Flags, Ints
from footfall_generator.replay.formats.online_retail_line import Line


@dataclass(frozen=True)
class RetailRows:
    """Rows of the file; texts are columns of Arrow."""

    line: Ints
    time: Ints
    """Seconds since 1970."""
    refund: Flags
    cancelled: Flags
    quantity: Ints
    cents: Ints
    """Price of one unit."""
    invoice: Any
    product: Any
    user: Any

    @classmethod
    def of(cls, numbers: list[int], lines: list[Line]) -> "RetailRows":
        """Return the lines by columns."""
        columns: list[Any] = list(zip(*lines, strict=True)) if lines else [()] * len(Line._fields)
        time, refund, cancelled, quantity, cents, *texts = columns
        return cls(
            np.array(numbers, dtype=np.int64),
            np.array(time, dtype=np.int64),
            np.array(refund, dtype=np.bool_),
            np.array(cancelled, dtype=np.bool_),
            np.array(quantity, dtype=np.int64),
            np.array(cents, dtype=np.int64),
            *(pa.array(each, type=pa.string()) for each in texts),
        )

    @classmethod
    def concat(cls, parts: list["RetailRows"]) -> "RetailRows":
        """Return the rows of all parts, one after the other."""
        columns = [[getattr(part, each.name) for part in parts] for each in fields(cls)]
        return cls(
            *(pa.concat_arrays(each) if isinstance(each[0], pa.Array) else np.concatenate(each) for each in columns)
        )

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.line)

    def pick(self, which: Ints | slice) -> "RetailRows":
        """Return some of the rows."""
        positions = pa.array(np.arange(len(self))[which])
        columns = (getattr(self, each.name) for each in fields(self))
        return RetailRows(*(each.take(positions) if isinstance(each, pa.Array) else each[which] for each in columns))
