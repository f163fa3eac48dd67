"""Configuration files with `${...}` in them."""

from pathlib import Path
from string import Template

from footfall_stack.model import StackError


def render(source: Path, target: Path, values: dict[str, object]) -> Path:
    """Write the source with every `${name}` replaced, and return the target.

    Raises:
        StackError: The source uses a name without a value.
    """
    try:
        text = Template(source.read_text()).substitute(values)
    except (KeyError, ValueError) as error:
        raise StackError(f"{source} cannot be filled in: {error}") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return target
