"""A batch's way by plain forms: import, fund, open, close; and what its page says meanwhile."""

import gzip
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from projects.items import upload_views
from projects.items.models import Batch, Import, Item
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from rlhfhub.web import bodies
from tests.factories import Tenant, fund_batch, make_batch, make_items, make_project, make_workspace
from tests.pages.conftest import HTMX, browser_of


@pytest.fixture
def draft(project: Project) -> Batch:
    """An empty batch."""
    return make_batch(project, 0)


@pytest.fixture
def path(workspace_a: Tenant, draft: Batch) -> str:
    """The page of the empty batch."""
    return f"/w/{workspace_a.workspace.slug}/batches/{draft.pk}/"


def lines(items: list[dict[str, Any]]) -> bytes:
    """Items as NDJSON."""
    return b"\n".join(json.dumps(item).encode() for item in items)


def file_of(body: bytes, name: str = "items.jsonl") -> SimpleUploadedFile:
    """A file as a form sends it."""
    return SimpleUploadedFile(name, body)


def count(batch: Batch) -> int:
    """How many items are in."""
    with planes.in_workspace(batch.workspace_id):
        return Item.objects.filter(batch=batch).count()


@pytest.mark.parametrize("body", [lines(make_items(3)), json.dumps(make_items(3)).encode()])
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_comes_in(body: bytes, packed: bool, owner: Client, path: str, draft: Batch) -> None:
    sent = gzip.compress(body) if packed else body
    response = owner.post(f"{path}import/", {"file": file_of(sent)})
    assert (response.status_code, response["Location"]) == (303, path)
    assert count(draft) == 3
    assert "3 imported" in owner.get(path).content.decode()


def test_pasted_items_come_in(owner: Client, path: str, draft: Batch) -> None:
    owner.post(f"{path}import/", {"text": lines(make_items(2)).decode()})
    assert count(draft) == 2


def test_warnings_stand_in_the_receipt(owner: Client, path: str, draft: Batch) -> None:
    leaking, other = make_items(2)
    leaking["context"] = {"by": "model-a"}
    swapped = {**other, "external_id": "swapped", "responses": other["responses"][::-1]}
    owner.post(f"{path}import/", {"text": lines([leaking, other, swapped]).decode()})
    page = owner.get(path).content.decode()
    assert count(draft) == 3
    assert "The name of a response" in page
    assert "perhaps in another order" in page
    assert "notice-warning" in page


def test_items_that_ask_the_same_are_left_out_when_told_to(
    owner: Client, path: str, draft: Batch
) -> None:
    (item,) = make_items(1)
    swapped = {**item, "external_id": "swapped", "responses": item["responses"][::-1]}
    body = lines([item, swapped]).decode()
    owner.post(f"{path}import/", {"text": body, "on_same": "skip"})
    page = owner.get(path).content.decode()
    assert count(draft) == 1
    assert "1 already there" in page


def test_an_upload_counts_once_on_the_page(
    owner: Client, path: str, draft: Batch, settings: Any
) -> None:
    """Also when the server calls the site with the headers alone first."""
    settings.THROTTLES = {**settings.THROTTLES, "imports": "1/hour"}
    unread = {"wsgi.input": bodies.Unread(), bodies.STATE: bodies.State.ANNOUNCED}
    form = "multipart/form-data; boundary=b"
    asked = owner.generic(
        "POST", f"{path}import/", b"", content_type=form, CONTENT_LENGTH="99", **unread
    )
    assert asked.status_code == 100
    body = {"text": lines(make_items(2)).decode()}
    taken = owner.post(f"{path}import/", body, **{bodies.STATE: bodies.State.WANTED})
    assert (taken.status_code, count(draft)) == (303, 2)
    assert owner.post(f"{path}import/", body).status_code == 429


def test_one_bad_row_stops_all_unless_told_to_skip(owner: Client, path: str, draft: Batch) -> None:
    rows = lines(
        [*make_items(2), {"external_id": "x", "prompt": "?", "responses": [{"text": "a"}]}]
    )
    refused = owner.post(f"{path}import/", {"text": rows.decode()})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Nothing was imported" in page
    assert "responses" in page
    assert "external_id" in page  # what was pasted is still there
    assert count(draft) == 0
    skipped = owner.post(f"{path}import/", {"file": file_of(rows), "on_error": "skip"}, follow=True)
    assert count(draft) == 2
    assert "1 rejected" in skipped.content.decode()
    with planes.in_workspace(draft.workspace_id):
        assert Import.objects.get(batch=draft).rejected == 1


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"text": "   "},
        {"text": "nonsense"},
        {"text": "[]"},
        {"file": b""},
        {"file": b"\x1f\x8b\x08cut off"},
        {"file": gzip.compress(lines(make_items(40)))[:-9]},
        {"file": b"\xff\xfe\x00"},
        {"text": "\x00"},
        {"text": '{"prompt": "\\ud800", "responses": []}'},
    ],
)
def test_what_cannot_be_read_is_said_on_the_page(
    form: dict[str, Any], owner: Client, path: str, draft: Batch
) -> None:
    if "file" in form:
        form = {"file": file_of(form["file"])}
    response = owner.post(f"{path}import/", form)
    assert response.status_code == 422
    assert "Nothing was imported" in response.content.decode()
    assert count(draft) == 0


def test_a_file_over_the_cap_is_not_read(owner: Client, path: str, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 100
    response = owner.post(f"{path}import/", {"file": file_of(lines(make_items(3)))})
    assert response.status_code == 422
    assert "at most 100 bytes" in response.content.decode()


def test_the_body_is_read_outside_any_transaction(
    owner: Client, path: str, draft: Batch, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    spool = upload_views.spool  # type: ignore[attr-defined]

    def watched(*body: Any, **kwargs: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return spool(*body, **kwargs)

    monkeypatch.setattr(upload_views, "spool", watched)
    owner.post(f"{path}import/", {"file": file_of(lines(make_items(2)))})
    assert seen == [False]
    assert count(draft) == 2


def press_fund(browser: Client, path: str) -> Any:
    """Fund the batch at the cost that its page shows."""
    shown = re.search(r'name="agreed_minor"\s+value="(\d+)"', browser.get(path).content.decode())
    cost = {"agreed_minor": shown[1] if shown else "0"}
    return browser.post(f"{path}fund/", cost, follow=True)


def test_nothing_comes_in_after_funding(owner: Client, path: str, draft: Batch) -> None:
    owner.post(f"{path}import/", {"text": lines(make_items(2)).decode()})
    press_fund(owner, path)
    late = owner.post(f"{path}import/", {"text": lines(make_items(2, 10)).decode()})
    assert late.status_code == 422
    assert count(draft) == 2


def test_the_steps_to_a_closed_batch(owner: Client, path: str, draft: Batch) -> None:
    early = press_fund(owner, path).content.decode()
    assert "Import items first" in early
    owner.post(f"{path}import/", {"text": lines(make_items(2)).decode()})
    assert "Fund the batch first" in owner.post(f"{path}open/", follow=True).content.decode()
    assert "$1.80" in owner.get(path).content.decode()  # 2 items x 3 answers x (25 + 5)
    funded = press_fund(owner, path).content.decode()
    assert "The batch is funded" in funded
    assert "The batch is open" in owner.post(f"{path}open/", follow=True).content.decode()
    part = owner.get(f"{path}progress/", **HTMX).content.decode()
    assert part.strip() in owner.get(path).content.decode()
    assert owner.get(f"{path}progress/")["Location"] == path
    assert "The batch is closed" in owner.post(f"{path}close/", follow=True).content.decode()
    assert "cannot be opened again" in owner.post(f"{path}open/", follow=True).content.decode()


@pytest.mark.django_db
def test_what_is_missing_is_said() -> None:
    poor = make_workspace(money=100)
    batch = make_batch(make_project(poor), 2, fund=False)
    browser = browser_of(poor.owner)
    path = f"/w/{poor.workspace.slug}/batches/{batch.pk}/"
    assert "$0.80" in browser.get(path).content.decode()
    refused = press_fund(browser, path).content.decode()
    assert "does not cover" in refused
    batch.refresh_from_db()
    assert batch.funding == Batch.Funding.NONE


def test_funding_that_runs_is_watched(
    owner: Client, path: str, draft: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.funding.services.SMALL", 1)
    monkeypatch.setattr("billing.funding.services.CHUNK_ITEMS", 2)
    owner.post(f"{path}import/", {"text": lines(make_items(5)).decode()})
    press_fund(owner, path)
    page = owner.get(path).content.decode()
    part = owner.get(f"{path}fund/progress/", **HTMX).content.decode()
    assert "Making the slots" in part
    assert part.strip() in page
    fund_batch(draft)
    done = owner.get(f"{path}fund/progress/", **HTMX)
    assert done["HX-Refresh"] == "true"
    assert owner.get(f"{path}fund/progress/")["Location"] == path
