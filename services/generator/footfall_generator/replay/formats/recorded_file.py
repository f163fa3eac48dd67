"""Opens recorded files, compressed or not."""

import errno
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

BOM = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"
LONGEST_LINE = 1 << 20
"""Bytes."""
FINGERPRINTED = 1 << 20
"""Bytes of the file that its fingerprint is made from, beside its size."""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open the file behind its byte order mark, if it has one; a file that gzip has made is unpacked.

    Raises:
        OSError: The file cannot be read; also within the block.
    """
    try:
        with path.open("rb") as raw:
            compressed = raw.read(len(GZIP)) == GZIP
            raw.seek(0)
            file = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if compressed else raw
            if file.read(len(BOM)) != BOM:
                file.seek(0)
            yield file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise OSError(errno.EIO, "what gzip has packed is damaged or cut off", str(path)) from error


def next_line(file: BinaryIO) -> bytes:
    """Return the rest of the line with its end, which is empty at the end of the file.

    Raises:
        OSError: The line is so long that this is no file of lines.
    """
    line = file.readline(LONGEST_LINE)
    if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
        raise OSError(errno.EFBIG, f"a line is longer than {LONGEST_LINE:,} bytes", getattr(file, "name", None))
    return line


def fingerprint(path: Path) -> str:
    """Return eight characters that tell this file from others.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.blake2s(file.read(FINGERPRINTED) + str(path.stat().st_size).encode(), digest_size=4).hexdigest()
