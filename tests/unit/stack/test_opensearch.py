"""OpenSearch runs when it is asked for, with the exporter that fills it, on the loopback address alone."""

from pathlib import Path

import pytest
from footfall_stack.model import Process, StackError
from footfall_stack.processes import all_processes, shared_environment
from footfall_stack.selection import select
from footfall_stack.settings import StackSettings


def processes(**settings: object) -> dict[str, Process]:
    return {each.name: each for each in all_processes(StackSettings.model_validate(settings))}


def test_it_brings_the_exporter_along_and_nobody_else_brings_it() -> None:
    everything = list(processes().values())
    assert "opensearch" not in {each.name for each in select(everything)}
    assert {"opensearch", "exporter"} <= {each.name for each in select(everything, extra=["opensearch"])}
    assert [each.name for each in select(everything, only=["opensearch"])] == ["opensearch"]
    assert "opensearch" not in {each.name for each in select(everything, extra=["exporter"])}


def test_a_run_that_has_one_exports_into_it_unless_told_otherwise() -> None:
    settings = StackSettings.model_validate({"opensearch_port": 9211})
    node = processes(opensearch_port=9211)["opensearch"]
    env = shared_environment(settings, [node], {"EXPORTER_OPENSEARCH_URL": "http://elsewhere:9200"})
    assert (env["EXPORTER_SINKS"], env["EXPORTER_OPENSEARCH_URL"]) == ("opensearch", "http://127.0.0.1:9211")
    assert shared_environment(settings, [node], {"EXPORTER_SINKS": "parquet"})["EXPORTER_SINKS"] == "parquet"
    assert "EXPORTER_SINKS" not in shared_environment(settings, [], {})
    elsewhere = shared_environment(settings, [], {"EXPORTER_OPENSEARCH_URL": "http://elsewhere:9200"})
    assert elsewhere["EXPORTER_OPENSEARCH_URL"] == "http://elsewhere:9200"


def test_it_listens_on_the_loopback_address_wherever_the_others_do() -> None:
    node = processes(footfall_host="0.0.0.0", opensearch_heap_mib=300, opensearch_port=9211)["opensearch"]
    assert node.argv[-2:] == ("127.0.0.1", "9211")
    assert "-Xmx300m" in node.argv
    assert node.ports == {"OPENSEARCH_PORT": 9211}


def test_without_its_jars_it_says_how_to_get_them(tmp_path: Path) -> None:
    node = processes(opensearch_jars_dir=tmp_path)["opensearch"]
    with pytest.raises(StackError, match="make setup WITH=opensearch"):
        node.prepare()
    (tmp_path / "footfall-opensearch-1.jar").touch()
    node.prepare()
