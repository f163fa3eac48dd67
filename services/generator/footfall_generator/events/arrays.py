"""Names for the numpy arrays that events travel in."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Bytes: TypeAlias = npt.NDArray[np.uint8]
"""A matrix of bytes, one row per event."""
Objects: TypeAlias = npt.NDArray[Any]
"""Python objects, here always `bytes`."""
