"""One attempt at one endpoint: sign, POST, classify. Endpoints share nothing, so none can delay another."""

import asyncio
import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from footfall_alerting import network
from footfall_alerting.endpoints import Endpoint
from footfall_alerting.metrics import ATTEMPT_SECONDS
from footfall_alerting.old_payload import headers_of
from footfall_alerting.old_policy import DeliveryResult, Outcome, classify
from footfall_alerting.webhook import Webhook

ANSWER_BYTES = 2048
"""As much of an answer is read; it only frees the connection for reuse."""

LONGEST_REASON = 500
"""Characters."""

Transport = httpx.AsyncBaseTransport


class WebhookSender:
    """Delivers webhooks to one endpoint, a bounded number at a time.

    Args:
        endpoint: The receiver.
        concurrency: Attempts at once.
        timeout: How long one attempt may take in all.
        queue_timeout: How long a webhook waits for its turn; None is as long as it must.
        clock: Epoch seconds.
        transport: How requests travel; the network unless told.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        concurrency: int,
        timeout: timedelta,
        queue_timeout: timedelta | None,
        clock: Callable[[], float] = time.time,
        transport: Transport | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.disabled = False
        self._timeout = timeout.total_seconds()
        self._queue_timeout = None if queue_timeout is None else queue_timeout.total_seconds()
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._transport = transport or network.Transport(concurrency)

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def attempt(self, webhook: Webhook) -> Outcome:
        """Try once; whatever the endpoint does, the answer is an outcome."""
        if self.disabled:
            return Outcome(DeliveryResult.GONE, "endpoint is disabled since it answered 410 Gone")
        try:
            async with asyncio.timeout(self._queue_timeout):
                await self._slots.acquire()
        except TimeoutError:
            return Outcome(DeliveryResult.BUSY, f"no free attempt within {self._queue_timeout or 0:g} s")
        try:
            with ATTEMPT_SECONDS.time():
                outcome = await self._post(webhook)
        finally:
            self._slots.release()
        if outcome.result is DeliveryResult.GONE:
            self.disabled = True
        return outcome

    async def _post(self, webhook: Webhook) -> Outcome:
        answer = Outcome(DeliveryResult.FAILED)
        try:
            # httpx limits each read on its own; a receiver that drips bytes would hold an attempt for ever.
            async with asyncio.timeout(self._timeout):
                # A transport, not a client: that would follow up what the answer says, such as places and cookies.
                response = await self._transport.handle_async_request(self._request(webhook))
                try:
                    answer = classify(response.status_code, response.headers.get("retry-after"), self._now())
                    await _skim(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            return _known(answer, f"no answer within {self._timeout:g} s")
        except Exception as error:  # noqa: BLE001  whatever a receiver does is an outcome
            return _known(answer, self._reason(error))
        return answer

    def _request(self, webhook: Webhook) -> httpx.Request:
        body, url = webhook.body.encode(), httpx.URL(self.endpoint.address)
        headers = {"accept": "*/*", "accept-encoding": "identity"}
        if url.userinfo:
            login = base64.b64encode(f"{url.username}:{url.password}".encode()).decode()
            headers["authorization"] = f"Basic {login}"
        headers |= headers_of(self.endpoint.signer().keys[0], webhook.webhook_id, body, self._clock())
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout)
        return httpx.Request("POST", url, content=body, headers=headers, extensions={"timeout": timeouts})

    def _reason(self, error: Exception) -> str:
        """Return what went wrong, fit for logs and headers; the URL, which may hold a token, is left out."""
        text = f"{type(error).__name__}: {error}".replace(self.endpoint.address, self.endpoint.id)
        return text.encode(errors="backslashreplace").decode()[:LONGEST_REASON]

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


async def _skim(response: httpx.Response) -> None:
    read = 0
    if response.is_stream_consumed:  # an answer without a body may come so
        return
    async for chunk in response.aiter_raw():
        read += len(chunk)
        if read >= ANSWER_BYTES:
            return


def _known(answer: Outcome, trouble: str) -> Outcome:
    # Once the status has arrived it counts; the rest of the answer may break as it likes.
    return answer if answer.detail else Outcome(DeliveryResult.FAILED, trouble)
