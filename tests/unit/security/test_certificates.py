"""Certificates and passwords: what TLS itself says of them, and who can read them."""

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from footfall_schemas.access import principals
from footfall_security.certificates import ensure_ca, ensure_server
from footfall_security.credentials_dir import CredentialsDir
from footfall_security.make import make


@pytest.fixture
def folder(tmp_path: Path) -> CredentialsDir:
    made = CredentialsDir(tmp_path / "secure")
    make(made)
    return made


def greet(folder: CredentialsDir, server: str, host: str, authority: Path) -> str:
    """Let a client and a server meet by TLS, and return the server's name in its certificate."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder.certificate(server), folder.key(server))
    one, other = socket.socketpair()

    def serve() -> None:
        try:
            serving.wrap_socket(one, server_side=True).close()
        except OSError:
            one.close()

    threading.Thread(target=serve, daemon=True).start()
    context = ssl.create_default_context(cafile=str(authority))
    with context.wrap_socket(other, server_hostname=host) as client:
        found: Any = client.getpeercert() or {}
    return str(dict(pair[0] for pair in found["subject"])["commonName"])


@pytest.mark.parametrize("server", ["kafka", "registry"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", ""])
def test_a_client_that_trusts_the_authority_trusts_the_servers(folder: CredentialsDir, server: str, host: str) -> None:
    assert greet(folder, server, host or server, folder.ca) == server


def test_another_host_and_another_authority_are_not_trusted(folder: CredentialsDir, tmp_path: Path) -> None:
    other = CredentialsDir(tmp_path / "other")
    make(other)

    with pytest.raises(ssl.SSLCertVerificationError, match=r"Hostname mismatch"):
        greet(folder, "kafka", "registry", folder.ca)
    with pytest.raises(ssl.SSLCertVerificationError):
        greet(folder, "kafka", "localhost", other.ca)


def test_nobody_else_can_read_a_secret(folder: CredentialsDir) -> None:
    secret = [path for path in folder.path.rglob("*") if path.is_file() and path != folder.ca]

    assert len(secret) >= 7 + len(principals())
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert {stat.S_IMODE(path.parent.stat().st_mode) for path in secret} == {0o700}


def test_what_is_there_stays(folder: CredentialsDir) -> None:
    folder.password("admin").write_text("chosen by a person")
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    before.pop(folder.registry_users)

    assert make(folder) == []
    assert all(path.read_bytes() == content for path, content in before.items())


def test_a_new_host_a_new_authority_and_old_age_make_a_new_certificate(folder: CredentialsDir) -> None:
    assert make(folder, ["kafka.example"]) == ["certificate of kafka", "certificate of registry"]
    assert not ensure_server(folder, "kafka", ["localhost"])
    assert ensure_server(folder, "kafka", ["localhost"], datetime.now(UTC) + timedelta(days=380))
    folder.ca_key.unlink()
    assert ensure_ca(folder)
    assert ensure_server(folder, "registry", ["localhost"])
    assert greet(folder, "registry", "localhost", folder.ca) == "registry"


def test_passwords_differ_and_the_registry_is_told_digests(folder: CredentialsDir) -> None:
    passwords = [folder.password(principal.name).read_text() for principal in principals()]
    users = folder.registry_users.read_text()

    assert len(set(passwords)) == len(passwords)
    assert min(map(len, passwords)) >= 32
    assert not [password for password in passwords if password in users]
    assert "users.kafka" not in users
    assert "roles.generator=sr-developer" in users


def test_variables_name_files_and_hold_no_secret(folder: CredentialsDir) -> None:
    variables = folder.variables("generator")

    assert variables["KAFKA_SASL_PASSWORD_FILE"] == str(folder.path / "passwords" / "generator")
    assert folder.password("generator").read_text() not in " ".join(variables.values())
