"""A webhook receiver that fails on purpose and checks every signature with the reference library."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import orjson
from standardwebhooks import Webhook

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
"""A key for tests, known to everybody."""


@dataclass
class Receiver:
    """Answers 503 to the first attempt of every `fail_every`-th webhook-id and 204 to the rest.

    Attributes:
        fail_every: Which to fail at first.
        host: Address to listen on.
        secret: The key of the signatures.
        attempts: Requests per webhook-id.
        delivered: Accepted requests per webhook-id.
        ids_of_alert: The webhook-ids under which each alert came.
        invalid: Requests whose signature the reference library refuses.
    """

    fail_every: int = 3
    host: str = "127.0.0.1"
    secret: str = SECRET
    attempts: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    ids_of_alert: dict[str, set[str]] = field(default_factory=dict)
    invalid: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        receiver = self
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    # Whoever sent it was killed meanwhile: this is no request yet.
                    self.close_connection = True
                    return
                with lock:
                    status = receiver.take(dict(self.headers.items()), body)
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((self.host, 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Judge one request and return the status to answer."""
        lowered = {name.lower(): value for name, value in headers.items()}
        webhook_id = lowered["webhook-id"]
        try:
            Webhook(self.secret).verify(body, lowered)
        except Exception as error:
            self.invalid.append(f"{webhook_id}: {error!r}")
            return 400
        self.attempts[webhook_id] += 1
        if (alert := orjson.loads(body)["data"].get("alert_id")) is not None:
            self.ids_of_alert.setdefault(alert, set()).add(webhook_id)
        if self.attempts[webhook_id] == 1 and int(webhook_id[-4:], 36) % self.fail_every == 0:
            return 503
        self.delivered[webhook_id] += 1
        return 204

    def delivered_alerts(self) -> set[str]:
        """Return the ids of the alerts that were accepted at least once."""
        return {alert for alert, ids in self.ids_of_alert.items() if any(self.delivered[name] for name in ids)}
