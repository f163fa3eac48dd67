"""`footfall secure`, without servers."""

from footfall_security.cli import secure
from typer.testing import CliRunner


def test_a_prefix_that_no_part_would_take_gets_no_rights() -> None:
    result = CliRunner().invoke(secure, ["list", "--topic-prefix", "a_b"], env={"COLUMNS": "400"})

    assert result.exit_code == 2
    assert "'a_b' is not a topic prefix; write letters, digits and hyphens" in result.output
