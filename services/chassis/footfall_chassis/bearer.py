"""Who may ask a service: whoever shows its token."""

import hmac

from starlette.datastructures import Headers

OPEN_TO_ALL = ("/health/", "/metrics", "/version")
"""Paths that need no token: no number of the shop is behind them."""


class Token:
    """What must be shown as `Authorization: Bearer`.

    Args:
        text: The token; empty: nobody must show any.
    """

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    @property
    def is_needed(self) -> bool:
        """Whether a token must be shown."""
        return bool(self._text)

    def knows(self, text: str) -> bool:
        """Tell whether this is the token."""
        return self.is_needed and hmac.compare_digest(self._text, text.encode())

    def is_shown(self, headers: Headers) -> bool:
        """Tell whether a request shows it."""
        scheme, _, text = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.knows(text.strip())
