from itertools import pairwise
from pathlib import Path

import pytest
from footfall_stack import flink_home, kafka, logs, state
from footfall_stack.model import Process, StackError
from footfall_stack.paths import CONFIG, Layout
from footfall_stack.settings import StackSettings
from footfall_stack.state import StatusFile
from footfall_stack.templates import render


def test_a_long_log_is_emptied_and_its_content_kept_beside_it(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    with log.open("ab") as writer:
        writer.write(b"old\n" * 10)
        writer.flush()

        assert logs.shorten(log, max_bytes=10)
        writer.write(b"new\n")

    assert log.read_text() == "new\n"
    assert (tmp_path / "a.log.1").read_text() == "old\n" * 10


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("short\n")

    assert not logs.shorten(log, max_bytes=10)
    assert not logs.shorten(tmp_path / "missing.log")
    assert log.read_text() == "short\n"


def test_tail_is_the_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("1\n2\n3\n")

    assert logs.tail(log, 2) == ["2", "3"]
    assert logs.tail(tmp_path / "missing.log", 2) == []


def test_follow_goes_on_after_the_file_was_emptied_and_waits_for_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("before\n")
    steps = iter(["one\ntw", "o\n", None, "three\n"])

    def write_next() -> bool:
        step = next(steps, "end")
        if step is None:
            log.write_text("")
        elif step != "end":
            with log.open("a") as file:
                file.write(step)
        return step == "end"

    lines = [line for _, line in logs.follow([log], done=write_next, pause=0)]

    assert lines == ["one", "two", "three"]


def test_the_board_survives_a_round_trip_through_its_file(tmp_path: Path) -> None:
    process = Process("a", ("a",), ready=lambda: True, url="http://x")
    status_file = StatusFile(tmp_path / "state.json", [process])

    status_file.note("a", stage="ready", pid=5, restarts=2)
    status_file.enter("ready")
    read = state.read(tmp_path / "state.json")

    assert read is not None
    assert read.phase == "ready"
    assert read.process("a") == status_file["a"]
    assert read.process("b") is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"supervisor": 1}'])
def test_a_broken_state_file_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)

    assert state.read(tmp_path / "state.json") is None
    assert state.read(tmp_path / "missing.json") is None


def test_a_template_without_a_value_is_named(tmp_path: Path) -> None:
    (tmp_path / "in.yaml").write_text("port: ${port}")

    with pytest.raises(StackError, match=r"in\.yaml cannot be filled in: 'port'"):
        render(tmp_path / "in.yaml", tmp_path / "out.yaml", {})


@pytest.mark.parametrize(
    ("suffix", "written"),
    [(".properties", 'dir="/a b#c/\\u00fc%20\\ud83d\\uded2/\\\\"\n'), (".yaml", 'dir="/a b#c/ü%20🛒/\\\\"\n')],
)
def test_what_java_reads_is_escaped_as_it_reads_it(tmp_path: Path, suffix: str, written: str) -> None:
    source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    source.write_text('dir="${dir}"\n')

    render(source, target, {"dir": "/a b#c/ü%20🛒/\\"})

    assert target.read_text(encoding="utf-8") == written


def test_flink_gets_our_connectors_beside_its_own_jars_and_its_distribution_last(tmp_path: Path) -> None:
    jars = tmp_path / "jars"
    (jars / "flink").mkdir(parents=True)
    (jars / "flink" / "our-connector.jar").touch()
    settings = StackSettings(footfall_data_dir=tmp_path / "data", footfall_jars_dir=jars)
    flink = flink_home.FlinkHome(flink_home.pyflink_home(), jars, Layout(settings.footfall_data_dir))

    flink.lay_out(settings)
    (flink.lib / "left-over.jar").symlink_to(tmp_path / "gone")
    flink.lay_out(settings)

    assert set(flink.lib.iterdir()) == set(flink.class_path())
    assert (flink.lib / "our-connector.jar").resolve() == jars.resolve() / "flink" / "our-connector.jar"
    assert flink.class_path()[-1].name.startswith("flink-dist")
    assert "--add-opens=java.base/java.util=ALL-UNNAMED" in (flink.conf / "config.yaml").read_text()


def test_no_configuration_line_is_given_twice() -> None:
    flink = [flink_home.COMMON, CONFIG / "flink" / "config.yaml"]
    for files in ([CONFIG / "kafka" / "kafka.properties"], flink):
        lines = [line for path in files for line in path.read_text().splitlines()]
        keys = sorted(line.split("=")[0].split(": ")[0] for line in lines if line[:1].isalpha())
        assert all(one != other for one, other in pairwise(keys)), files


def test_no_cluster_id_looks_like_an_option() -> None:
    assert not [found for found in (kafka._cluster_id() for _ in range(1000)) if found.startswith("-")]


def test_a_broker_may_stand_still_unless_its_last_incarnation_was_killed(tmp_path: Path) -> None:
    """After a kill it is let in again only when its old session has expired, which is short for that."""
    assert kafka.session_timeout(tmp_path) == kafka.SESSION
    (tmp_path / "meta.properties").touch()
    assert kafka.session_timeout(tmp_path) == kafka.SESSION_AFTER_A_KILL
    (tmp_path / kafka.CLEAN).touch()
    assert kafka.session_timeout(tmp_path) == kafka.SESSION
