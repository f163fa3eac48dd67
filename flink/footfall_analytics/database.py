"""One database, as JDBC and as libpq name it. Nothing here prints the password."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from footfall_analytics.postgres_settings import PostgresSettings

_JDBC = {
    "reWriteBatchedInserts": "true",
    # The server takes text for what the column is: timestamptz and jsonb, too.
    "stringtype": "unspecified",
    "ApplicationName": "footfall",
    "connectTimeout": "10",
    "socketTimeout": "60",
    "tcpKeepAlive": "true",
}
TLS = ("sslmode", "sslrootcert")
"""Parameters of ANALYTICS_POSTGRES_URL that both drivers know."""


@dataclass(frozen=True)
class Database:
    """Where results go, and who writes them."""

    host: str
    port: int
    name: str
    user: str
    password: SecretStr
    tls: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, settings: PostgresSettings) -> Self:
        """Return the database the settings name."""
        if url := settings.postgres_url.get_secret_value():
            parts = urlsplit(url)
            return cls(
                host=parts.hostname or "localhost",
                port=parts.port or 5432,
                name=unquote(parts.path.strip("/")),
                user=unquote(parts.username or settings.postgres_user),
                password=SecretStr(unquote(parts.password)) if parts.password else settings.postgres_password,
                tls=tuple((name, value) for name, value in parse_qsl(parts.query) if name in TLS),
            )
        return cls(
            host=settings.postgres_host,
            port=settings.postgres_port,
            name=settings.postgres_database,
            user=settings.postgres_user,
            password=settings.postgres_password,
        )

    @property
    def place(self) -> str:
        """The address without credentials, for people."""
        return f"{self.host}:{self.port}/{self.name}"

    def jdbc_url(self) -> str:
        """Return the address for JDBC, without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        options = "&".join(f"{name}={quote(value, safe='')}" for name, value in (*_JDBC.items(), *self.tls))
        return f"jdbc:postgresql://{host}:{self.port}/{quote(self.name, safe='')}?{options}"

    def placeholders(self) -> dict[str, str]:
        """Return what SQL templates call the connection, for between the quotes of literals; the password among it."""
        values = {"jdbc_url": self.jdbc_url(), "username": self.user, "password": self.password.get_secret_value()}
        return {name: value.replace("'", "''") for name, value in values.items()}

    def conninfo(self) -> str:
        """Return the connection in libpq's words, the password among them."""
        return make_conninfo(
            host=self.host,
            port=self.port,
            dbname=self.name,
            user=self.user,
            password=self.password.get_secret_value(),
            connect_timeout=10,
            application_name="footfall",
            **dict(self.tls),
        )
