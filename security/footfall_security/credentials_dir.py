"""Where certificates and passwords lie: one folder, everything secret in it for its owner alone."""

import os
from dataclasses import dataclass
from pathlib import Path

from footfall_chassis.settings import Settings
from footfall_schemas.access import BROKER
from pydantic import Field

REPOSITORY = Path(__file__).resolve().parents[2]


class SecureSettings(Settings):
    """Where the folder is."""

    secure_dir: Path | None = Field(None, validation_alias="FOOTFALL_SECURE_DIR")
    """None: `secure` in the data directory."""
    data_dir: Path = Field(REPOSITORY / ".footfall" / "data", validation_alias="FOOTFALL_DATA_DIR")

    @property
    def folder(self) -> "CredentialsDir":
        """Return the folder."""
        return CredentialsDir.chosen(self.secure_dir, self.data_dir)


@dataclass(frozen=True)
class CredentialsDir:
    """The files, by their names."""

    path: Path

    @classmethod
    def chosen(cls, secure_dir: Path | None, data_dir: Path) -> "CredentialsDir":
        """Return the folder that FOOTFALL_SECURE_DIR names, else the one in the data directory."""
        return cls((secure_dir or data_dir / "secure").expanduser().absolute())

    @property
    def ca(self) -> Path:
        """Certificate that signs all others; what clients trust."""
        return self.path / "ca.pem"

    @property
    def ca_key(self) -> Path:
        """Key of the authority: only making certificates needs it."""
        return self.path / "ca.key"

    def certificate(self, server: str) -> Path:
        """Return the certificate of a server, followed by the authority's."""
        return self.path / server / "certificate.pem"

    def key(self, server: str) -> Path:
        """Return the key of a server."""
        return self.path / server / "key.pem"

    def keystore(self, server: str) -> Path:
        """Return the file that has both, as Kafka takes them."""
        return self.path / server / "keystore.pem"

    @property
    def registry_users(self) -> Path:
        """Users of the registry with digests of their passwords, in Quarkus's words."""
        return self.path / "registry" / "users.properties"

    @property
    def passwords(self) -> Path:
        """Folder with one file for each principal."""
        return self.path / "passwords"

    def password(self, principal: str) -> Path:
        """Return the file that holds a principal's password and nothing else."""
        return self.passwords / principal

    def variables(self, principal: str, *, registry: bool = True) -> dict[str, str]:
        """Return the variables by which a client connects as this principal; no secret is among them."""
        password = str(self.password(principal))
        found = {
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            # Only the broker's own account is there before the first user is made.
            "KAFKA_SASL_MECHANISM": "PLAIN" if principal == BROKER else "SCRAM-SHA-512",
            "KAFKA_SASL_USERNAME": principal,
            "KAFKA_SASL_PASSWORD_FILE": password,
            "KAFKA_SSL_CA_LOCATION": str(self.ca),
        }
        if registry:
            found |= {"SCHEMA_REGISTRY_USER": principal, "SCHEMA_REGISTRY_PASSWORD_FILE": password}
        return found


def write_private(path: Path, content: str) -> None:
    """Write a file that nobody but its owner can read, not even while it is being written."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    new.replace(path)
