"""A new source of items is one module and its place in the list: a toy is imported over REST and by the page."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.formats.reading import rows
from projects.items.models import Batch, Item
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.adding.toys import tabs
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of

GOOD = b"#tabs\nWhy?\tBecause.\tFor a reason.\nHow?\tSo.\tThus.\n"
WRONG = b"#tabs\nWhy?\tBecause.\tFor a reason.\nAlone?\tYes.\n"


@pytest.fixture
def draft(project: Project) -> Batch:
    return make_batch(project, items=0)


@pytest.fixture
def toy_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "SOURCES", [*rows.SOURCES, tabs])


def send(tenant: Tenant, batch: Batch, body: bytes) -> Any:
    path = f"/api/v1/batches/{batch.pk}/items/"
    return tenant.client.post(path, body, content_type="application/x-ndjson")


def prompts(batch: Batch) -> list[str]:
    with planes.in_workspace(batch.workspace_id):
        return [
            item.prompt[0]["content"] for item in Item.objects.filter(batch=batch).order_by("seq")
        ]


def test_without_it_the_file_is_no_items(workspace_a: Tenant, draft: Batch) -> None:
    assert send(workspace_a, draft, GOOD).status_code == 400


@pytest.mark.usefixtures("toy_source")
def test_its_rows_are_imported_over_rest(workspace_a: Tenant, draft: Batch) -> None:
    receipt = send(workspace_a, draft, GOOD)
    assert receipt.status_code == 201, receipt.content
    assert (receipt.json()["received"], prompts(draft)) == (2, ["Why?", "How?"])


@pytest.mark.usefixtures("toy_source")
def test_its_rows_are_imported_by_the_page(workspace_a: Tenant, draft: Batch) -> None:
    path = reverse("batch_import", args=[workspace_a.workspace.slug, draft.pk])
    file = SimpleUploadedFile("items.tabs", GOOD)
    assert browser_of(workspace_a.owner).post(path, {"file": file}, follow=True).status_code == 200
    assert prompts(draft) == ["Why?", "How?"]


@pytest.mark.usefixtures("toy_source")
def test_a_wrong_row_is_named_by_its_number(workspace_a: Tenant, draft: Batch) -> None:
    refused = send(workspace_a, draft, WRONG)
    assert refused.status_code == 400
    assert [(each["row"], each["field"]) for each in refused.json()["errors"]] == [(3, "responses")]
    assert prompts(draft) == []
