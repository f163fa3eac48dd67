"""What the exporter asks of BigQuery's official client, and what its errors mean."""

import io
import uuid
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import requests
from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import Json

# What it says of Python's and gRPC's next years is nothing for whoever runs it today.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)
    from google.api_core import exceptions as api
    from google.api_core.client_options import ClientOptions
    from google.auth import exceptions as auth
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery
    from google.oauth2 import service_account

from footfall_exporter.sink import GoneError, SinkUnavailableError
from footfall_exporter.sinks.bigquery_progress import Query
from footfall_exporter.sinks.bigquery_settings import BigQuerySettings

STAGED_FOR = timedelta(hours=6)
"""After which BigQuery itself removes a staging table that a killed process has left."""
QUOTA = {"quotaExceeded", "rateLimitExceeded", "jobRateLimitExceeded"}
QUOTA_PAUSE = 60.0
"""Seconds; most of BigQuery's rates are counted by the minute or less, the others by the day."""


class RowsRefusedError(PermanentError):
    """Not all of the rows that were to be loaded are taken; none was."""


class Client:
    """One dataset of BigQuery. Every method raises `SinkUnavailableError` when BigQuery does not do it now.

    Args:
        client: The official client.
        settings: Where the tables are.
    """

    def __init__(self, client: Any, settings: BigQuerySettings) -> None:
        self._client = client
        self._settings = settings
        self._timeout = settings.timeout.total_seconds()
        self.dataset = f"{client.project}.{settings.dataset}"

    @classmethod
    def of(cls, settings: BigQuerySettings) -> "Client":
        """Connect.

        Raises:
            SinkUnavailableError: There are no credentials, or they cannot be read.
        """
        options = ClientOptions(api_endpoint=settings.endpoint) if settings.endpoint else None
        with _told():
            try:
                credentials = _credentials(settings)
            except (OSError, ValueError) as error:
                raise _refused(f"EXPORTER_BIGQUERY_CREDENTIALS_FILE cannot be read: {error}") from error
            return cls(
                bigquery.Client(
                    project=settings.project or None,
                    credentials=credentials,
                    client_options=options,
                    location=settings.location or None,
                ),
                settings,
            )

    def make_dataset(self) -> None:
        """Make the dataset if it is not there."""
        dataset = bigquery.Dataset(self.dataset)
        dataset.description = "Footfall's streams."
        if self._settings.location:
            dataset.location = self._settings.location
        with _told():
            self._client.create_dataset(dataset, exists_ok=True, retry=None, timeout=self._timeout)

    def columns(self, table: str) -> list[Json]:
        """Return a table's columns as the API describes them.

        Raises:
            GoneError: There is no such table.
        """
        with _told():
            found = self._client.get_table(f"{self.dataset}.{table}", retry=None, timeout=self._timeout)
            return [field.to_api_repr() for field in found.schema]

    def make_table(
        self, name: str, columns: Sequence[Json], *, doc: str = "", day: str = "", clustered: Sequence[str] = ()
    ) -> None:
        """Make a table if it is not there.

        Args:
            name: Within the dataset.
            columns: As the API describes them.
            doc: Its description.
            day: Column by whose days it is partitioned.
            clustered: Columns by which it is clustered.
        """
        table = bigquery.Table(f"{self.dataset}.{name}", schema=_fields(columns))
        table.description = doc or None
        if day:
            table.time_partitioning = bigquery.TimePartitioning(field=day)
        if clustered:
            table.clustering_fields = list(clustered)
        with _told():
            self._client.create_table(table, exists_ok=True, retry=None, timeout=self._timeout)

    def grow(self, name: str, columns: Sequence[Json]) -> None:
        """Give a table these columns, all that it has among them."""
        table = bigquery.Table(f"{self.dataset}.{name}", schema=_fields(columns))
        with _told():
            self._client.update_table(table, ["schema"], retry=None, timeout=self._timeout)

    @contextmanager
    def staging(self, columns: Sequence[Json]) -> Iterator[str]:
        """Have a table of its own for the rows of one batch within the block; yields its name."""
        name = f"footfall_staging_{uuid.uuid4().hex}"
        table = bigquery.Table(f"{self.dataset}.{name}", schema=_fields(columns))
        table.expires = datetime.now(UTC) + STAGED_FOR
        with _told():
            self._client.create_table(table, retry=None, timeout=self._timeout)
        try:
            yield name
        finally:
            # If it cannot be removed, it expires.
            with suppress(SinkUnavailableError), _told():
                self._client.delete_table(
                    f"{self.dataset}.{name}", not_found_ok=True, retry=None, timeout=self._timeout
                )

    def load(self, name: str, columns: Sequence[Json], rows: pa.Table) -> None:
        """Append rows to a table: all, or none.

        Raises:
            RowsRefusedError: Some of the rows are not taken.
        """
        out = io.BytesIO()
        pq.write_table(rows, out, compression="snappy")
        out.seek(0)
        options = bigquery.ParquetOptions()
        options.enable_list_inference = True
        config = bigquery.LoadJobConfig(
            schema=_fields(columns),
            source_format=bigquery.SourceFormat.PARQUET,
            write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
            decimal_target_types=["NUMERIC", "BIGNUMERIC", "STRING"],
        )
        config.parquet_options = options
        with _told():
            try:
                job = self._client.load_table_from_file(
                    out, f"{self.dataset}.{name}", job_config=config, num_retries=0, timeout=self._timeout
                )
                job.result(retry=None, timeout=self._timeout)
            except api.BadRequest as error:
                raise RowsRefusedError(_reason(error)) from error

    def run(self, query: Query) -> tuple[list[Any], int]:
        """Run a statement; return its rows, or how many it has changed."""
        config = bigquery.QueryJobConfig(
            query_parameters=[
                bigquery.ScalarQueryParameter(name, "INT64" if isinstance(value, int) else "STRING", value)
                for name, value in query.parameters.items()
            ]
        )
        with _told():
            job = self._client.query(query.sql, job_config=config, retry=None, job_retry=None, timeout=self._timeout)
            rows = list(job.result(retry=None, job_retry=None, timeout=self._timeout))
            return rows, job.num_dml_affected_rows or 0

    def close(self) -> None:
        """Close connections."""
        self._client.close()


def _fields(columns: Sequence[Json]) -> list[bigquery.SchemaField]:
    return [bigquery.SchemaField.from_api_repr(each) for each in columns]


def _credentials(settings: BigQuerySettings) -> Any:
    if settings.credentials_file:
        return service_account.Credentials.from_service_account_file(
            settings.credentials_file, scopes=["https://www.googleapis.com/auth/bigquery"]
        )
    return AnonymousCredentials() if settings.endpoint.startswith("http://") else None


@contextmanager
def _told() -> Iterator[None]:
    """Turn the client's errors into ours."""
    try:
        yield
    except api.NotFound as error:
        raise GoneError(_reason(error)) from error
    except (api.GoogleAPIError, auth.GoogleAuthError, requests.RequestException, TimeoutError) as error:
        raise unavailable(error) from error


def unavailable(error: Exception) -> SinkUnavailableError:
    """Return what an error of the client means: wait, or have a person act."""
    reason = _reason(error)
    kinds = {str(each.get("reason")) for each in getattr(error, "errors", ()) if isinstance(each, dict)}
    if kinds & QUOTA or isinstance(error, api.TooManyRequests):
        return SinkUnavailableError(f"BigQuery's quota is used up: {reason}", retry_after=QUOTA_PAUSE)
    if isinstance(error, auth.TransportError):
        return SinkUnavailableError(f"BigQuery's credentials cannot be refreshed now: {reason}")
    if isinstance(error, (api.Forbidden, api.Unauthorized, auth.GoogleAuthError)):
        return _refused(reason)
    if isinstance(error, api.BadRequest) and "serialize" not in reason:
        return SinkUnavailableError(
            f"BigQuery refuses a statement; does a table have columns of other types? {reason}", needs_action=True
        )
    return SinkUnavailableError(f"BigQuery does not answer: {reason}")


def _refused(reason: str) -> SinkUnavailableError:
    return SinkUnavailableError(
        f"BigQuery refuses us: {reason}; check GOOGLE_APPLICATION_CREDENTIALS (or EXPORTER_BIGQUERY_CREDENTIALS_FILE), "
        "EXPORTER_BIGQUERY_PROJECT, and the roles BigQuery Data Editor and BigQuery Job User",
        needs_action=True,
    )


def _reason(error: Exception) -> str:
    return str(getattr(error, "message", "") or error).split("\n", 1)[0][:500]
