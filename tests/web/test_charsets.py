"""Only UTF-8 is read; any other charset is refused before a form is."""

import io
from typing import Any

import pytest
from django.test import Client
from django.test.client import FakePayload

from rlhfhub.web.handler import Handler, Request
from tests.factories import Tenant
from tests.pages.conftest import browser_of

FORM = "application/x-www-form-urlencoded"
REFUSED = [
    "utf-16",
    "us-ascii",
    "utf8",
    "utf-16-le",
    "utf-7",
    "utf-32",
    "latin-1",
    "cp037",
    "nope",
    "idna",
    "punycode",
    "hex",
    "ÿ",
    "",
]
PATHS = (
    "/accounts/login/",
    "/workspaces/new/",
    "/api/v1/projects/",
    "/admin/login/",
    "/no/such/page/",
)


@pytest.mark.parametrize("charset", REFUSED)
def test_another_charset_is_refused_everywhere(workspace_a: Tenant, charset: str) -> None:
    browser = browser_of(workspace_a.owner)
    paths = (*PATHS, f"/w/{workspace_a.workspace.slug}/members/")
    for kind in (FORM, "multipart/form-data; boundary=b", "application/json"):
        for path in paths:
            answer = browser.post(path, b"a=1", content_type=f'{kind}; charset="{charset}"')
            assert answer.status_code == 415, (path, kind)
    assert answer["Content-Security-Policy"]


@pytest.mark.parametrize("said", ["", "; charset=utf-8", '; charset="UTF-8"'])
def test_utf_8_is_read(workspace_a: Tenant, said: str) -> None:
    browser = browser_of(workspace_a.owner)
    answer = browser.post("/workspaces/new/", b"name=%C3%A9&slug=e-1", content_type=FORM + said)
    assert answer.status_code == 303
    answer = Client(headers={"Authorization": f"Bearer {workspace_a.secret}"}).post(
        "/api/v1/projects/", '{"name": "é"}', content_type="application/json" + said
    )
    assert answer.json()["name"] == "é"


BROKEN = [
    "text/plain; charset*=nope''x",
    f"{FORM}; a*=nope''b",
    "multipart/form-data; boundary*=x-y''z",
]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_content_type_that_cannot_be_parsed_is_refused(kind: str, db: None) -> None:
    """Django raises in the request's constructor, before any middleware."""
    environ: dict[str, Any] = Client()._base_environ(  # type: ignore[attr-defined]
        PATH_INFO="/accounts/login/", REQUEST_METHOD="POST"
    )
    environ |= {
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": "0",
        "wsgi.input": FakePayload(b""),
        "wsgi.errors": io.StringIO(),
    }
    assert Request(dict(environ)).content_params == {"charset": "unreadable"}
    started: list[str] = []
    body = b"".join(Handler()(environ, lambda status, headers: started.append(status)))
    assert started[0].startswith("415")
    assert b"UTF-8" in body
