"""Makes the WSGI environ of an RSGI request, as granian's own WSGI interface would."""

import sys
from collections.abc import Iterable
from typing import Any

from rlhfhub.ground import addresses
from rlhfhub.server.answers import FileWrapper

_CONSTANT = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Granian",
    "wsgi.errors": sys.stderr,
    "wsgi.file_wrapper": FileWrapper,
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": False,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}
_PLAIN = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def environment(scope: Any) -> dict[str, Any]:
    """Return the environ without the body (`wsgi.input`). It holds nothing of the process's environment."""
    server, _, port = scope.server.rpartition(":")
    return {
        **_CONSTANT,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": _latin(scope.path),
        "QUERY_STRING": _latin(scope.query_string),
        "HTTP_HOST": scope.authority or "",
        "wsgi.url_scheme": scope.scheme,
        **_headers(scope.headers),
    }


def client_network(environ: dict[str, Any], proxies: int) -> str:
    """Return the sender's address (the /64 for IPv6), as the outermost of the trusted `proxies` saw it."""
    seen = str(environ["REMOTE_ADDR"])
    if proxies:
        forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        seen = forwarded[-min(proxies, len(forwarded))].strip() or seen
    return addresses.network(seen)


def _latin(text: str) -> str:
    """Return UTF-8 text as the Latin-1 string that WSGI uses for its bytes."""
    return text if text.isascii() else text.encode().decode("latin-1")


def _headers(headers: Any) -> dict[str, str]:
    """Return the headers under their WSGI names.

    A repeated header is joined with commas, except that the first type and length count. A header that is not ASCII is
    present but empty. A name with an underscore is left out, because in WSGI it would look like the name with a hyphen,
    which a trusted proxy may set.
    """
    found: dict[str, str] = {}
    for name, value in headers.items():
        if "_" in name:
            continue
        key = _key(name)
        if key not in found:
            found[key] = value
        elif name not in _PLAIN:
            found[key] += f",{value}"
    for key in _others(headers, len(found)):
        found.setdefault(key, "")
    return found


def _others(headers: Any, known: int) -> Iterable[str]:
    """Yield the names that `items` leaves out because their values are not ASCII."""
    if len(headers) == known:
        return ()
    return (_key(name) for name in headers.keys() if "_" not in name)  # noqa: SIM118  no dict


def _key(name: str) -> str:
    return _PLAIN.get(name) or "HTTP_" + name.replace("-", "_").upper()
