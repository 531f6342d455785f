"""A page of REST is limited in bytes too, whatever `page_size` is."""

import uuid
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from projects.items.models import Batch, Item
from projects.plan.models import Project
from rlhfhub.api import pagination
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator

LARGE, ITEMS = 1_000_000, 30


@pytest.fixture
def heavy(workspace_a: Tenant, project: Project) -> Batch:
    """Thirty items of a megabyte, that PostgreSQL keeps in some kilobytes."""
    batch = make_batch(project, items=0)
    responses = [{"messages": [{"role": "assistant", "content": c * (LARGE // 2)}]} for c in "ab"]
    with planes.in_workspace(workspace_a.pk):
        Item.objects.bulk_create(
            Item(
                workspace_id=workspace_a.pk,
                project=project,
                batch=batch,
                seq=number,
                external_id=f"L{number}",
                prompt=[{"role": "user", "content": "p"}],
                responses=responses,
                sha256=f"{number:064}",
                content_key=uuid.UUID(int=number),
            )
            for number in range(1, ITEMS + 1)
        )
    return batch


def walked(client: Any, url: str, to: str = "next") -> Iterator[Any]:
    """The answers, page by page."""
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.content[:300]
        yield answer
        url = answer.json()[to]


@pytest.mark.slow
def test_a_page_ends_at_its_bytes(
    workspace_a: Tenant, heavy: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row once and in order, forwards and back again."""
    monkeypatch.setattr(pagination, "PAGE_BYTES", 4 << 20)
    path = f"/api/v1/batches/{heavy.pk}/items/?page_size=500"
    pages = list(walked(workspace_a.client, path))
    assert max(len(page.content) for page in pages) < pagination.PAGE_BYTES + 1000
    rows = [row["seq"] for page in pages for row in page.json()["results"]]
    assert rows == list(range(1, ITEMS + 1))
    assert [len(page.json()["results"]) for page in pages][:-1] == [4] * (len(pages) - 1)
    back = [
        p.json()["results"]
        for p in walked(workspace_a.client, pages[-1].json()["previous"], "previous")
    ]
    assert [row["seq"] for page in reversed(back) for row in page] == rows[
        : -len(pages[-1].json()["results"])
    ]
    assert max(len(page) for page in back) == 4


def test_no_more_rows_are_read_than_a_page_shows(
    workspace_a: Tenant, heavy: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    made = Item.from_db.__func__  # type: ignore[attr-defined]

    def counted(cls: Any, *args: Any) -> Any:
        read.append(1)
        return made(cls, *args)

    monkeypatch.setattr(Item, "from_db", classmethod(counted))
    answer = workspace_a.client.get(f"/api/v1/batches/{heavy.pk}/items/?page_size=500")
    shown = len(answer.json()["results"])
    assert len(read) <= shown + pagination._ROWS_AT_ONCE


@pytest.mark.slow
def test_a_row_larger_than_a_page_is_a_page(
    workspace_a: Tenant, heavy: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagination, "PAGE_BYTES", LARGE // 2)
    pages = list(walked(workspace_a.client, f"/api/v1/batches/{heavy.pk}/items/"))
    assert [len(page.json()["results"]) for page in pages] == [1] * ITEMS


def test_other_lists_end_at_their_bytes(
    workspace_a: Tenant,
    project: Project,
    annotators: list[Annotator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every list limits its pages by the same rule."""
    make_batch(project, items=3)
    for annotator in annotators:
        while (lease := annotator.lease()) is not None:
            annotator.submit(lease)
    make_project(workspace_a)
    lists = (
        "projects/",
        f"projects/{project.pk}/guidelines/",
        f"projects/{project.pk}/batches/",
        f"projects/{project.pk}/annotations/",
    )
    whole = {path: _ids(workspace_a, path) for path in lists}
    monkeypatch.setattr(pagination, "PAGE_BYTES", 1)
    for path, ids in whole.items():
        pages = [p.json()["results"] for p in walked(workspace_a.client, f"/api/v1/{path}")]
        assert [[row["id"] for row in page] for page in pages] == [[one] for one in ids], path


def _ids(tenant: Tenant, path: str) -> list[str]:
    return [row["id"] for row in tenant.client.get(f"/api/v1/{path}").json()["results"]]


@pytest.mark.parametrize("size", ["0", "-1", "1_0", "1e1", " 5", "٣", "x", "", "9" * 20])
def test_a_page_size_is_a_plain_number(workspace_a: Tenant, size: str) -> None:
    answer = workspace_a.client.get("/api/v1/projects/", {"page_size": size})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "page_size")


# No position, another's position, an offset, another alphabet's digit, a sign, a group separator, a NUL, no base64.
CRAFTED = ["", "r=1", "p=x", "p=", "o=1", "o=1&p=1", "p=%D9%A3", "p=%2B1", "p=1_0", "p=1%00", None]


@pytest.mark.parametrize("crafted", CRAFTED)
def test_a_crafted_cursor_is_refused(
    workspace_a: Tenant, batch: Batch, crafted: str | None
) -> None:
    """In the order of numbers and in that of ids."""
    cursor = "~" if crafted is None else b64encode(crafted.encode()).decode()
    for path in (
        "projects/",
        f"projects/{batch.project_id}/batches/",
        f"batches/{batch.pk}/items/",
    ):
        answer = workspace_a.client.get(f"/api/v1/{path}", {"cursor": cursor})
        assert answer.status_code == 400, (path, answer)
        assert [error["field"] for error in answer.json()["errors"]] == ["cursor"]


@pytest.mark.parametrize("number", [-(10**9), 0, 10**30, 10**4299])
def test_a_cursor_may_lie_beyond_all_rows(workspace_a: Tenant, batch: Batch, number: int) -> None:
    cursor = b64encode(f"p={number}".encode()).decode()
    answer = workspace_a.client.get(f"/api/v1/batches/{batch.pk}/items/", {"cursor": cursor})
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == (0 if number > 0 else 5)


LARGE_COLUMNS = (
    ('"projects_plan_guidelineversion"."text"', ()),
    # It says what the files are.
    ('"projects_exports_export"."manifest"', ("api_exports",)),
    ('"projects_items_item"."responses"', ("api_items",)),
)


def test_lists_read_no_large_column_that_they_do_not_show(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator], queries: Any
) -> None:
    at = f"/api/v1/projects/{batch.project_id}/"
    lists = {
        "api_projects": "/api/v1/projects/",
        "api_items": f"/api/v1/batches/{batch.pk}/items/",
        "api_consensus": f"/api/v1/batches/{batch.pk}/consensus/",
        "api_enrollments": "/api/v1/desk/enrollments/",
        **{
            f"api_{name}": f"{at}{name}/"
            for name in ("guidelines", "batches", "annotations", "exports")
        },
    }
    for name, path in lists.items():
        client = annotators[0].client if "/desk/" in path else workspace_a.client
        with queries() as seen:
            assert client.get(path).status_code == 200
        for column, shown in LARGE_COLUMNS:
            assert name in shown or column not in str(seen.texts), (name, column)
