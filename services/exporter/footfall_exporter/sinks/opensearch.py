"""Documents in OpenSearch or Elasticsearch: an index for each stream, told apart by key and offset."""

import base64
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from footfall_chassis.durations import Duration
from footfall_chassis.settings import Settings
from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from footfall_exporter.batch import Batch, Refusal
from footfall_exporter.sink import Life, Outcome, SinkUnavailableError
from footfall_exporter.sinks import opensearch_bulk as bulk
from footfall_exporter.sinks.opensearch_client import Client
from footfall_exporter.sinks.opensearch_mapping import OURS, alias_of, index_of, lacks, life_of, mapping_of, new_index
from footfall_exporter.streams import Stream

MIB = 1 << 20
IN_FLIGHT = 2
"""Requests that are under way at a time, so that cluster and exporter do not wait for one another."""
FORGOTTEN_AT_ONCE = "10000"
"""Deletions that one start removes; the next removes more."""
CREATED_MEANWHILE = "resource_already_exists_exception"


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must begin with http:// or https:// and name a host")
    if parts.username or parts.password:
        raise ValueError("must not hold a login; set EXPORTER_OPENSEARCH_USER and EXPORTER_OPENSEARCH_PASSWORD")
    return text.rstrip("/")


def _readable(path: str) -> str:
    if path and not Path(path).is_file():
        raise ValueError(f"{path} is no file")
    return path


class OpenSearchSettings(Settings):
    """Where the documents go; every variable starts with EXPORTER_OPENSEARCH_."""

    model_config = SettingsConfigDict(env_prefix="EXPORTER_OPENSEARCH_")

    url: Annotated[str, AfterValidator(_address)] = "http://localhost:9200"
    user: str = ""
    password: SecretStr = SecretStr("")
    api_key: SecretStr = SecretStr("")
    """Instead of user and password: the encoded form, as the cluster prints it when it makes one."""
    ca_location: Annotated[str, AfterValidator(_readable)] = ""
    """File of the certificates that the cluster's must be signed by; empty trusts what the system trusts."""
    prefix: str = Field("footfall-", pattern=r"^([a-z0-9][a-z0-9._-]*)?$")
    """Before the names of indices and aliases."""
    refresh: Literal["false", "true", "wait_for"] = "false"
    """Whether rows can be found as soon as they are stored; otherwise when the index refreshes, each second."""
    request_mib: int = Field(5, ge=1, le=100)
    """Mebibytes of one request; one that is too large for the cluster is halved."""
    timeout: Duration = timedelta(seconds=60)
    """How long an answer may take."""
    keep_deletions: Duration = timedelta(days=30)
    """How long it is remembered that a row was deleted, so that an older one of its key does not come back."""

    @model_validator(mode="after")
    def _has_one_login(self) -> Self:
        if self.api_key.get_secret_value() and self.user:
            raise ValueError("EXPORTER_OPENSEARCH_API_KEY and EXPORTER_OPENSEARCH_USER are two logins; set one")
        return self

    def headers(self) -> dict[str, str]:
        """Return the headers that log in."""
        if key := self.api_key.get_secret_value():
            return {"Authorization": f"ApiKey {key}"}
        if self.user:
            pair = f"{self.user}:{self.password.get_secret_value()}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return {}


class OpenSearchSink:
    """Documents of a search engine.

    Args:
        client: Of the cluster.
        prefix: Before the names of indices and aliases.
        refresh: As `_bulk` knows it: false, true or wait_for.
        request_size: Bytes of one request.
        keep_deletions: How long deletions are remembered.
    """

    name: str = "opensearch"

    def __init__(
        self,
        client: Client,
        *,
        prefix: str = "footfall-",
        refresh: str = "false",
        request_size: int = 5 * MIB,
        keep_deletions: timedelta = timedelta(days=30),
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._options = {"refresh": refresh, "require_alias": "true"}
        self._request_size = request_size
        self._keep_deletions = keep_deletions
        self._senders = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="opensearch")

    @classmethod
    def from_environment(cls) -> "OpenSearchSink":
        """Return the one that the environment describes.

        Raises:
            SettingsError: A variable is wrong.
        """
        settings = OpenSearchSettings.load()
        client = Client(
            settings.url, headers=settings.headers(), timeout=settings.timeout.total_seconds(), ca=settings.ca_location
        )
        return cls(
            client,
            prefix=settings.prefix,
            refresh=settings.refresh,
            request_size=settings.request_mib * MIB,
            keep_deletions=settings.keep_deletions,
        )

    def prepare(self, stream: Stream) -> None:
        """Make the index with its alias, or add the fields that it lacks; forget deletions of long ago."""
        held = self._mapping(stream)
        if held is None:
            self._create(stream)
            return
        wanted = mapping_of(stream, held)
        if lacks(held, wanted):
            try:
                self._client.put(self._index(stream), "_mapping", body=wanted)
            except SinkUnavailableError as error:
                raise SinkUnavailableError(
                    f"{self.place(stream)} cannot take the columns of the stream: delete it, or name another "
                    f"EXPORTER_OPENSEARCH_PREFIX, and restart the exporter: {error}",
                    retry_after=error.retry_after,
                    needs_action=True,
                ) from None
        if stream.is_upsert:
            self._forget_deletions(stream)

    def life(self, stream: Stream) -> Life | None:
        """Return what the mapping says."""
        held = self._mapping(stream)
        return None if held is None else life_of(held)

    def begin(self, stream: Stream, life: Life) -> None:
        """Write it into the mapping."""
        wanted = mapping_of(stream, self._mapping(stream), life)
        self._client.put(self._index(stream), "_mapping", body=wanted)

    def progress(self, stream: Stream, partition: int) -> int | None:
        """Return what the index's document of this partition says; whoever deletes the index begins anew."""
        found = self._client.get(self._index(stream), "_doc", bulk.progress_id(partition))
        return 0 if found is None else int(found["_source"][OURS]["next"])

    def write(self, batch: Batch) -> Outcome:
        """Store documents; then, if none must come again, how far the partition is stored."""
        batch.confirm_ours()
        verdicts = bulk.Verdicts()
        rows: Sequence[int] = range(len(batch))
        while rows:
            chosen, earlier = bulk.latest(batch.keys, rows)
            self._write(batch, chosen, verdicts)
            # In place of a row that is refused stands the one before it.
            rows = [row for refused in chosen if refused in verdicts.refused for row in earlier.get(refused, ())]
        if not verdicts.again:
            self._keep_progress(batch)
        refusals = [Refusal(batch.offsets[row], reason) for row, reason in sorted(verdicts.refused.items())]
        why = next(iter(verdicts.again.values()), "")
        return Outcome(refusals, sorted(verdicts.again), why, verdicts.retry_after)

    def place(self, stream: Stream) -> str:
        """Return the index, and where it is."""
        return f"index {self._index(stream)} of {self._client.url}"

    def close(self) -> None:
        """Close connections."""
        self._senders.shutdown()
        self._client.close()

    def _write(self, batch: Batch, rows: Sequence[int], verdicts: bulk.Verdicts) -> None:
        """Write rows, none of which has the key of another: so it does not matter which request comes first.

        Raises:
            SinkUnavailableError: Nothing was taken.
        """
        left, failures = set(rows), list[SinkUnavailableError]()
        sent: deque[tuple[Sequence[bulk.Action], Future[bulk.Verdicts]]] = deque()

        def settle() -> None:
            group, answer = sent.popleft()
            try:
                verdicts.add(answer.result())
                left.difference_update(action.row for action in group)
            except SinkUnavailableError as error:
                failures.append(error)

        for group in bulk.requests(bulk.actions(batch, rows, verdicts.refused), self._request_size):
            if len(sent) == IN_FLIGHT:
                settle()
            if failures:
                break
            sent.append((group, self._senders.submit(self._send, batch.stream, group)))
        while sent:
            settle()
        if failures:
            left -= verdicts.refused.keys()
            if len(left) + len(verdicts.refused) == len(batch):
                raise failures[0]
            verdicts.again |= dict.fromkeys(left, str(failures[0]))
            verdicts.retry_after = failures[0].retry_after

    def _send(self, stream: Stream, group: Sequence[bulk.Action]) -> bulk.Verdicts:
        answer = self._client.bulk(alias_of(stream, self._prefix), bulk.body_of(group), **self._options)
        if answer is not None:
            return bulk.judge(group, answer["items"]) if answer["errors"] else bulk.Verdicts()
        if len(group) == 1:
            size = len(group[0].body)
            return bulk.Verdicts({group[0].row: f"{size} bytes are more than the cluster's http.max_content_length"})
        middle, found = len(group) // 2, bulk.Verdicts()
        for half in (group[:middle], group[middle:]):
            found.add(self._send(stream, half))
        return found

    def _keep_progress(self, batch: Batch) -> None:
        # One that goes back, by a writer that is late, costs rows that come again, and they are known by their offsets.
        # One that is not taken has all rows come again: a quiet partition would never be known to be stored.
        alias, name = alias_of(batch.stream, self._prefix), bulk.progress_id(batch.partition)
        try:
            # An index that is gone is not made anew by what is written into it.
            self._client.put(alias, "_doc", name, body=bulk.progress_document(batch.last + 1), require_alias="true")
        except SinkUnavailableError as error:
            if bulk.GONE in str(error):
                raise SinkUnavailableError(bulk.CURE, needs_action=True) from None
            raise

    def _create(self, stream: Stream) -> None:
        try:
            self._client.put(self._index(stream), body=new_index(stream, self._prefix))
        except SinkUnavailableError as error:
            # Another instance may have been quicker.
            if CREATED_MEANWHILE not in str(error):
                raise

    def _forget_deletions(self, stream: Stream) -> None:
        old = {"range": {f"{OURS}.deleted_at": {"lt": f"now-{int(self._keep_deletions.total_seconds())}s"}}}
        self._client.post(
            self._index(stream),
            "_delete_by_query",
            body={"query": old},
            conflicts="proceed",
            max_docs=FORGOTTEN_AT_ONCE,
        )

    def _mapping(self, stream: Stream) -> dict[str, Any] | None:
        found = self._client.get(self._index(stream), "_mapping")
        if found is None:
            return None
        (index,) = found.values()
        mapping: dict[str, Any] = index["mappings"]
        return mapping

    def _index(self, stream: Stream) -> str:
        return index_of(stream, self._prefix)
