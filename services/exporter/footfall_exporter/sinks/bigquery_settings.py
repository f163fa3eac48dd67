"""Where BigQuery's tables are."""

from datetime import timedelta
from typing import Literal

from footfall_chassis.durations import Duration
from footfall_chassis.settings import Settings
from pydantic import Field
from pydantic_settings import SettingsConfigDict

NAME = r"^[A-Za-z0-9_]*$"


class BigQuerySettings(Settings):
    """Where the tables are; every variable starts with EXPORTER_BIGQUERY_."""

    model_config = SettingsConfigDict(env_prefix="EXPORTER_BIGQUERY_")

    project: str = ""
    """Google Cloud project; that of the credentials unless told."""
    dataset: str = Field("footfall", pattern=NAME, min_length=1)
    """Made when it is missing."""
    table_prefix: str = Field("", pattern=NAME)
    """Before the name of each table."""
    location: str = ""
    """Where the dataset is made: EU, US, europe-west1 …; BigQuery's default unless told."""
    credentials_file: str = ""
    """A key file; otherwise what GOOGLE_APPLICATION_CREDENTIALS or the machine says."""
    endpoint: str = ""
    """Another address of the API; one that starts with http:// is an emulator, which is asked without credentials."""
    wide_decimals: Literal["bignumeric", "string"] = "bignumeric"
    """How amounts are kept that NUMERIC cannot hold; as text where there is no BIGNUMERIC, as in an emulator."""
    timeout: Duration = timedelta(minutes=1)
    """How long one request or query may take."""
