"""A small client of the site's REST API with one connection, for the seed and the simulator."""

import logging
from collections.abc import Iterator
from typing import Any, BinaryIO, Self

import httpx

API = "/api/v1/"
SECONDS = 120.0
# The site logs each request itself; httpx's log would hide the progress output.
logging.getLogger("httpx").setLevel(logging.WARNING)


class ApiError(Exception):
    """Raised for an error response; has its status and body."""

    def __init__(self, method: str, path: str, status: int, body: str) -> None:
        super().__init__(f"{method} {path}: {status} {body[:500]}")
        self.status = status
        self.body = body


class Rest:
    """Calls under `/api/v1/` with one API key. Use it as a context manager, or call `close`."""

    def __init__(self, base_url: str, token: str) -> None:
        self.http = httpx.Client(
            base_url=base_url.rstrip("/") + API,
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
            # Ignore proxies of the environment, because the site runs on this machine.
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.http.close()

    def get(self, path: str, **params: Any) -> Any:
        """Return the response's JSON. Raises ApiError."""
        return self._json("GET", path, params=params)

    def post(self, path: str, body: Any = None) -> Any:
        """Return the response's JSON, or None when it is empty. Raises ApiError."""
        return self._json("POST", path, json={} if body is None else body)

    def upload(
        self, path: str, content: bytes | BinaryIO, content_type: str, **headers: str
    ) -> Any:
        """POST a body that is not JSON. Raises ApiError."""
        return self._json(
            "POST", path, content=content, headers={"Content-Type": content_type, **headers}
        )

    def every(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield all rows of a list, page by page."""
        page = self.get(path, **params)
        while True:
            yield from page["results"]
            if not page.get("next"):
                return
            page = self.get(page["next"])

    def _json(self, method: str, path: str, **options: Any) -> Any:
        if not options.get("params"):
            options.pop("params", None)
        answer = self.http.request(method, path, **options)
        if answer.status_code >= 400:
            raise ApiError(method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None
