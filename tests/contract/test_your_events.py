"""docs/your-events.md: its code compiles, what it tells of mistakes is whole, and links lead somewhere."""

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from footfall_analytics.settings import REPOSITORY
from footfall_schemas.checked import encode_checked
from footfall_schemas.topics import topic

from support import page
from support.markdown import blocks
from support.own_shop import by_hand, events

PAGE = page.PATH.read_text()
JARS = REPOSITORY / ".footfall" / "jars"


def test_python_is_python_with_one_import_of_ours() -> None:
    text = page.code("python")

    compile(text, "send_orders.py", "exec")
    assert re.findall(r"^.*import.*footfall.*$|^.*footfall.*import.*$", text, re.MULTILINE) == [
        "from footfall_schemas.producer import EventProducer"
    ]


def test_node_is_javascript(tmp_path: Path) -> None:
    try:
        env = page.node_environment()
    except LookupError as missing:
        pytest.skip(str(missing))
    (tmp_path / "send_orders.js").write_text(page.code("javascript"))

    checked = subprocess.run(
        ["node", "--check", "send_orders.js"], env=env, cwd=tmp_path, check=False, stderr=subprocess.PIPE
    )

    assert checked.returncode == 0, checked.stderr


@pytest.mark.programs
def test_java_compiles(tmp_path: Path) -> None:
    try:
        jars = page.java_jars(JARS)
    except LookupError as missing:
        pytest.skip(str(missing))
    (tmp_path / "SendOrder.java").write_text(page.code("java"))
    path = ":".join(map(str, jars))

    compiled = subprocess.run(
        ["javac", "-Xlint:all", "-Werror", "-proc:none", "-cp", path, "SendOrder.java"],
        cwd=tmp_path,
        check=False,
        stderr=subprocess.PIPE,
    )

    assert compiled.returncode == 0, compiled.stderr.decode()


def test_the_file_of_the_examples_is_what_the_shop_of_the_tests_writes() -> None:
    (text,) = blocks(PAGE, "json")
    told = [{"test": False} | json.loads(line) for line in text.splitlines()]
    found = events(told)
    minute = datetime(2026, 3, 2, 10, tzinfo=UTC)

    for name, rows in found.items():
        for row in rows:
            encode_checked(topic(name), 1, row)
    # The amounts of docs/money.md.
    assert str(by_hand(told)[minute, "EUR"]["revenue"]) == "113.75"
    assert [row["checkout_id"] for row in found["checkouts"]] == ["A1-1-1", "A1-1-2", "B1-1-1"]


def test_a_mistake_in_each_field_of_an_order_and_a_refund_is_on_the_page() -> None:
    told = page.mistakes()

    for name in ("checkouts", "refunds"):
        limited = {field["name"] for field in topic(name).reader["fields"] if "footfall" in field}
        # A refund's reason is bounded as a checkout's is.
        assert limited - told.keys() <= {"reason"}
    assert {field["name"] for field in topic("checkouts").schema["fields"]} <= told.keys()
