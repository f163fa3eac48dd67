"""Variables by which clients find a proxy, and one that nobody answers at."""

DEAD_PROXY = "http://127.0.0.1:9"
NAMES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
BEHIND_A_DEAD_PROXY = {**dict.fromkeys(NAMES, DEAD_PROXY), "no_proxy": "", "NO_PROXY": ""}
"""Environment of whoever must not ask it for anything."""
