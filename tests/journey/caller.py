"""An integrator's client of the REST API."""

from typing import Any

import httpx

from tests.browser.site import Site


class Caller:
    """A client of the REST API that checks the status and returns the JSON."""

    def __init__(self, site: Site, secret: str) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        self.http = httpx.Client(
            base_url=f"{site.url}/api/v1/", headers=headers, timeout=30, trust_env=False
        )

    def get(self, path: str, **params: Any) -> Any:
        return self._checked(self.http.get(path, params=params or None), 200)

    def post(self, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        return self._checked(
            self.http.post(path, json=body if body is not None else {}, **more), status
        )

    def _checked(self, answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, (
            f"{answer.request.url} {answer.status_code} {answer.text[:1000]}"
        )
        return answer.json() if answer.content else None
