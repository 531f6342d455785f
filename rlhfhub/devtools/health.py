"""Checks over HTTP whether a site is ready."""

import http.client
from urllib.parse import urlsplit


def is_ready(url: str) -> bool:
    """Return whether /healthz/ready responds 200."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(
        address.hostname or "127.0.0.1", address.port, timeout=5
    )
    try:
        connection.request("GET", "/healthz/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
