"""HTTP to the servers that Footfall is told of: straight, for the environment's proxy is for the world outside."""

import ssl

import httpx


def direct_transport(ca: str = "") -> httpx.BaseTransport:
    """Return what carries a client's requests past every proxy.

    Args:
        ca: File of the certificates that a server's must be signed by; empty trusts what the system trusts.
    """
    # A client that is given its transport asks the environment for none; `trust_env=False` would forget SSL_CERT_FILE, too.
    return httpx.HTTPTransport(verify=ssl.create_default_context(cafile=ca) if ca else True)
