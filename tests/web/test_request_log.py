"""The line of a request."""

import errno
import json
import sys
from http import HTTPStatus
from types import SimpleNamespace

import pytest
from django.test import Client

from rlhfhub.web import request_log


@pytest.mark.parametrize(
    "secret",
    [
        "/invitations/{}/",
        "/accounts/confirm-email/{}/",
        "/accounts/password/reset/key/0-{}/",
    ],
)
@pytest.mark.django_db
def test_an_address_that_is_a_secret_is_not_logged(
    secret: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "_enabled", lambda _level: True)
    path = secret.format("Zp9-only-for-its-receiver")
    assert Client().get(path).status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert line["path"].startswith(path.partition("Zp9")[0][:10])
    assert "Zp9" not in line["path"]


@pytest.mark.django_db
def test_every_other_path_is_logged_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "_enabled", lambda _level: True)
    answer = Client().get("/no/such/page/", headers={"X-Request-Id": "from-the-proxy"})
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["path"], line["status"]) == ("/no/such/page/", HTTPStatus.NOT_FOUND)
    assert line["request_id"] == answer["X-Request-Id"] == "from-the-proxy"


def test_a_full_disk_loses_the_line_and_not_the_response(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(request_log, "_enabled", lambda _level: True)
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(write=full, flush=lambda: None))
    assert Client().get("/healthz/live").json() == {"status": "ok"}
