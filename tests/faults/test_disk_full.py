"""A full disk, ours or PostgreSQL's: 503 with Retry-After, nothing is stored and no half of an upload stays."""

import errno
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from projects.formats.reading import spool
from projects.items.models import Batch, Item
from projects.plan import services
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_items
from tests.pages.conftest import browser_of


class FullDisk(io.FileIO):
    """A file that takes so many bytes and then says what a full disk says."""

    room = 100

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever is spooled."""
    opened = Path.open

    def of(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        return FullDisk(path, "w") if mode == "wb" else opened(path, mode, *args, **kwargs)

    monkeypatch.setattr(spool.Path, "open", of)  # type: ignore[attr-defined]
    yield


@pytest.fixture
def draft(project: Project) -> Batch:
    return make_batch(project, items=0)


def _nothing_stays(tenant: Tenant) -> None:
    place = Path(settings.STORAGE_DIR) / "uploads"
    assert list(place.rglob("*")) == []
    with planes.in_workspace(tenant.pk):
        assert not Item.objects.exists()


def test_an_upload_over_rest_finds_no_room(workspace_a: Tenant, draft: Batch, full: None) -> None:
    answer = workspace_a.client.post(f"/api/v1/batches/{draft.pk}/items/", make_items(20))
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (
        503,
        "no_room",
        "60",
    )
    _nothing_stays(workspace_a)


def test_an_upload_by_a_form_finds_no_room(workspace_a: Tenant, draft: Batch, full: None) -> None:
    lines = b'{"external_id": "1", "prompt": "p", "responses": []}\n' * 20
    answer = browser_of(workspace_a.owner).post(
        f"/w/{workspace_a.workspace.slug}/batches/{draft.pk}/import/",
        {"file": SimpleUploadedFile("items.ndjson", lines)},
    )
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "no room left" in answer.content.decode()
    _nothing_stays(workspace_a)


@pytest.mark.parametrize("code", ["53100", "53200"])
def test_postgres_finds_no_room(
    workspace_a: Tenant, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE 'no room' USING ERRCODE = '{code}'; END $$")

    monkeypatch.setattr(services, "create_project", fails)
    answer = workspace_a.client.post("/api/v1/projects/", {"name": "new"})
    assert (answer.status_code, answer.json()["code"]) == (503, "no_room")
