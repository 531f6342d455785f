"""Reads database addresses: `postgresql://user:password@host:port/name?host=/socket/directory`."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def database(url: str) -> dict[str, Any]:
    """Return Django's DATABASES entry for `url`. A `host` in the query may be a socket's directory.

    Other query parameters (`sslmode`, `connect_timeout` …) are passed to libpq.

    Raises: ValueError when the address is not a PostgreSQL one.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"not a PostgreSQL address: {parts.scheme or url!r}")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
    }
