"""What is looked at before a question is asked."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from footfall_analytics.adhoc import checks
from footfall_analytics.adhoc.checks import NotThereError, check_registry, check_streams
from footfall_analytics.settings import AnalyticsSettings

NOWHERE = AnalyticsSettings(kafka_bootstrap_servers="localhost:1", schema_registry_url="http://localhost:1")


class Refusing(BaseHTTPRequestHandler):
    """Answers, but not as a registry does."""

    def do_GET(self) -> None:
        self.send_error(503)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def refusing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_question_that_names_no_stream_needs_no_server() -> None:
    check_streams(NOWHERE, ["SHOW TABLES", "SELECT 'clickstream'"])


def test_a_broker_that_does_not_answer_is_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "TIMEOUT", 0.5)

    with pytest.raises(NotThereError, match=r"^the broker at localhost:1 does not answer .*make run"):
        check_streams(NOWHERE, ["SELECT * FROM late_events"])


def test_a_registry_that_does_not_answer_is_named_with_the_cure() -> None:
    with pytest.raises(NotThereError, match=r"^no schema registry answers at http://localhost:1 \(.*make run"):
        check_registry(NOWHERE)


def test_a_registry_that_refuses_is_told_from_one_that_is_away(refusing: str) -> None:
    with pytest.raises(NotThereError, match=r"answers 503"):
        check_registry(AnalyticsSettings(schema_registry_url=refusing))
