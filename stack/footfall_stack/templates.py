"""Configuration files with `${...}` in them."""

from collections.abc import Callable
from pathlib import Path
from string import Template

from footfall_stack.model import StackError


def _in_properties(value: object) -> str:
    """Java reads these files as Latin-1."""
    escaped = str(value).replace("\\", "\\\\")
    return "".join(character if character.isascii() else _utf16(character) for character in escaped)


def _utf16(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[first : first + 2].hex()}" for first in range(0, len(units), 2))


def _in_yaml(value: object) -> str:
    """Within double quotes."""
    return str(value).replace("\\", "\\\\").replace('"', '\\"')


ESCAPES: dict[str, Callable[[object], str]] = {".properties": _in_properties, ".yaml": _in_yaml}
"""How a value is written, by the file's suffix."""


def render(sources: Path | tuple[Path, ...], target: Path, values: dict[str, object]) -> Path:
    """Write the sources, one after the other, with every `${name}` replaced, and return the target.

    Values are escaped as the kind of file asks for.

    Raises:
        StackError: A source uses a name without a value.
    """
    text = "\n".join(_filled(source, values) for source in ((sources,) if isinstance(sources, Path) else sources))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target


def _filled(source: Path, values: dict[str, object]) -> str:
    try:
        escape = ESCAPES[source.suffix]
        return Template(source.read_text(encoding="utf-8")).substitute(
            {name: escape(value) for name, value in values.items()}
        )
    except (KeyError, ValueError) as error:
        raise StackError(f"{source} cannot be filled in: {error}") from error
