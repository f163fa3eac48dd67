"""An authority of our own and the certificates it signs: for a laptop and tests, and where there is no better one."""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from footfall_security.credentials_dir import CredentialsDir, write_private

CA = "Footfall authority"
AUTHORITY_LIVES = timedelta(days=3650)
SERVER_LIVES = timedelta(days=397)
"""What browsers take at most."""
RENEW = timedelta(days=30)
"""A certificate that ends sooner is made anew."""
SKEW = timedelta(hours=1)
"""How far clocks may differ."""


def ensure_ca(folder: CredentialsDir, now: datetime | None = None) -> bool:
    """Make the authority unless there is one; return whether it was made."""
    now = now or datetime.now(UTC)
    if folder.ca_key.exists() and _lasts(folder.ca, now):
        return False
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(CA)
    certificate = (
        _builder(name, name, key.public_key(), now, AUTHORITY_LIVES)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(folder.ca_key, _pem(key))
    folder.ca.write_bytes(certificate.public_bytes(Encoding.PEM))
    return True


def ensure_server(folder: CredentialsDir, server: str, hosts: Iterable[str], now: datetime | None = None) -> bool:
    """Make a server's certificate unless there is one that lasts, for all these names; return whether it was made.

    Args:
        folder: Where the authority is.
        server: Name of the server.
        hosts: Names and addresses under which clients find it.
        now: The present.
    """
    now, wanted = now or datetime.now(UTC), _alternatives(hosts)
    authority = x509.load_pem_x509_certificate(folder.ca.read_bytes())
    if _serves(folder.certificate(server), authority, wanted, now):
        return False
    signing = load_pem_private_key(folder.ca_key.read_bytes(), password=None)
    if not isinstance(signing, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{folder.ca_key} is not an elliptic-curve key; remove it and a new one is made")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_name(server), authority.subject, key.public_key(), now, SERVER_LIVES)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        # The broker is a client of its own, too.
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .sign(signing, hashes.SHA256())
    )
    chain = (certificate.public_bytes(Encoding.PEM) + folder.ca.read_bytes()).decode()
    write_private(folder.key(server), _pem(key))
    write_private(folder.keystore(server), _pem(key) + chain)
    write_private(folder.certificate(server), chain)
    return True


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, lives: timedelta
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=now - SKEW,
        not_valid_after=now + lives,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(hosts: Iterable[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for host in dict.fromkeys(hosts):
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            found.append(x509.DNSName(host))
    return found


def _lasts(path: Path, now: datetime) -> bool:
    return path.exists() and x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc > now + RENEW


def _serves(path: Path, authority: x509.Certificate, wanted: list[x509.GeneralName], now: datetime) -> bool:
    if not _lasts(path, now):
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    try:
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, x509.ExtensionNotFound):
        return False
    except Exception:  # noqa: BLE001  an InvalidSignature of another authority
        return False
    return set(wanted) <= set(names)


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
