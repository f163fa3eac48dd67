"""Ways to see that a process is ready; each returns a question to be asked again and again."""

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from footfall_stack.model import Probe

TIMEOUT = 2.0


def at_once() -> bool:
    """Answer that a process is ready as soon as it runs."""
    return True


def at_its_end() -> bool:
    """Answer that a process is not ready as long as it runs: it has something to finish."""
    return False


def http_ok(url: str, ca: Path | None = None) -> Probe:
    """Ready when the address answers 200; `ca` is the file of the certificates that its own must be signed by."""
    return lambda: _get(url, ca) is not None


def listening(host: str, port: int) -> Probe:
    """Ready when something listens on the port."""
    return lambda: port_open(host, port)


def both(one: Probe, other: Probe) -> Probe:
    """Ready when both are."""
    return lambda: one() and other()


def file_exists(path: Path) -> Probe:
    """Ready when the process has written this file."""
    return path.exists


def kafka_answers(host: str, port: int, client: Callable[[], Mapping[str, str]] = dict) -> Probe:
    """Ready when the broker names itself in its metadata: the open port alone comes seconds too early.

    Args:
        host: Where it listens.
        port: On which port.
        client: Returns further librdkafka settings, such as credentials.
    """
    return both(listening(host, port), lambda: _brokers({**client(), "bootstrap.servers": f"{host}:{port}"}) > 0)


def postgres_answers(host: str, port: int) -> Probe:
    """Ready when the server takes connections."""
    return both(listening(host, port), lambda: _accepts(host, port))


def taskmanagers_registered(rest_url: str) -> Probe:
    """Ready when the JobManager counts at least one TaskManager."""

    def probe() -> bool:
        body = _get(f"{rest_url}/overview")
        return body is not None and int(_json(body).get("taskmanagers", 0)) > 0

    return probe


def port_open(host: str, port: int) -> bool:
    """Say whether something listens there."""
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT):
            return True
    except OSError:
        return False


def _get(url: str, ca: Path | None = None) -> bytes | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(
            host, parts.port, timeout=TIMEOUT, context=ssl.create_default_context(cafile=str(ca))
        )
        if ca
        else http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT)
    )
    try:
        connection.request("GET", parts.path or "/")
        response = connection.getresponse()
        return response.read() if response.status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _json(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _accepts(host: str, port: int) -> bool:
    # Imported here: only a stack with a database needs it.
    from psycopg.pq import PGconn, Ping  # noqa: PLC0415

    return PGconn.ping(f"host={host} port={port} connect_timeout=2".encode()) == Ping.OK


def _brokers(settings: Mapping[str, str]) -> int:
    # Imported here: it takes a while and only a stack with a broker needs it.
    from confluent_kafka import KafkaException  # noqa: PLC0415
    from confluent_kafka.admin import AdminClient  # noqa: PLC0415

    try:
        client = AdminClient({**settings, "log_level": 0})
        return len(client.list_topics(timeout=TIMEOUT).brokers)
    except KafkaException:
        return 0
