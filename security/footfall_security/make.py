"""Fills the folder: certificates, passwords, and the registry's users. What is there and still good stays."""

import hashlib
import secrets
from collections.abc import Iterable

from footfall_schemas.access import BROKER, principals

from footfall_security.certificates import ensure_ca, ensure_server
from footfall_security.credentials_dir import CredentialsDir, write_private

REGISTRY = "registry"
SERVERS = (BROKER, REGISTRY)
LOOPBACK = ("localhost", "127.0.0.1", "::1")
REALM = "Quarkus"
"""The registry's digests are of user, realm and password."""


def make(folder: CredentialsDir, hosts: Iterable[str] = ()) -> list[str]:
    """Make what is missing and return what that was.

    Args:
        folder: Where.
        hosts: Names and addresses of this machine, besides the loopback's and the servers' own.
    """
    folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = ["authority"] if ensure_ca(folder) else []
    hosts = [*LOOPBACK, *hosts]
    made += [f"certificate of {name}" for name in SERVERS if ensure_server(folder, name, [name, *hosts])]
    for principal in principals():
        path = folder.password(principal.name)
        if not path.exists():
            # Without a line's end: Kafka takes a file as it is.
            write_private(path, secrets.token_urlsafe(32))
            made.append(f"password of {principal.name}")
    write_private(folder.registry_users, registry_users(folder))
    return made


def registry_users(folder: CredentialsDir) -> str:
    """Return the registry's users as Quarkus is told of them."""
    lines = []
    for principal in principals():
        if principal.registry_role:
            text = f"{principal.name}:{REALM}:{folder.password(principal.name).read_text()}"
            digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
            lines.append(f"quarkus.security.users.embedded.users.{principal.name}={digest}\n")
            lines.append(f"quarkus.security.users.embedded.roles.{principal.name}={principal.registry_role}\n")
    return "".join(lines)
