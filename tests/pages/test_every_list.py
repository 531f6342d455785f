"""Every list is paged, and sends as many statements for many rows as for few.

Which they are, what their cursors are called and how much they may ask stands in tests/routes.py. REST's are
measured in tests/api/test_query_counts.py.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.tenancy.staff import site
from rlhfhub.web import listing
from tests import people, routes
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.quality.made import open_alert
from tests.urls import path_of

# Annotators' own lists are measured in test_work_pages.py.
_GROUPS = (*routes.MEMBER_PAGES, *routes.OPEN_TO_ALL, *routes.ACCOUNT_PAGES)
LISTS = [row for row in _GROUPS if row.is_list]


@pytest.fixture
def ids(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator]
) -> dict[str, Any]:
    return {
        "slug": workspace_a.workspace.slug,
        "project_id": project.pk,
        "batch_id": batch.pk,
        "alert_id": open_alert(annotators[0]).pk,
        "pseudonym": annotators[0].enrollment.pseudonym,
    }


@pytest.mark.slow
def test_pages_ask_no_more_for_more_rows(
    owner: Client, more: Callable[[], None], ids: dict[str, Any], queries: Callable[[], Any]
) -> None:
    def counted() -> dict[str, Any]:
        found = {}
        for row in LISTS:
            with queries() as seen:
                htmx = {"HTTP_HX_REQUEST": "true"} if row.htmx else {}
                response = owner.get(path_of(row.name, ids), **htmx)
            assert response.status_code == 200, row
            found[row.name] = seen
        return found

    more()
    more()
    few = counted()
    for _ in range(3):
        more()
    many = counted()
    for row in LISTS:
        name = row.name
        assert len(few[name]) == len(many[name]), f"{name}\n{few[name]}\n--\n{many[name]}"
    over = {row.name: str(many[row.name]) for row in LISTS if len(many[row.name]) > row.most}
    assert not over, "\n".join(f"{name}\n{said}" for name, said in over.items())


@pytest.mark.slow
def test_staffs_lists_ask_no_more_for_more_rows(
    more: Callable[[], None], queries: Callable[[], Any]
) -> None:
    staff = browser_of(people.make_user("Staff", is_staff=True))
    paths = [f"/admin/{m._meta.app_label}/{m._meta.model_name}/" for m in site._registry]

    def counted() -> dict[str, Any]:
        found = {}
        for path in paths:
            with queries() as seen:
                assert staff.get(path).status_code == 200, path
            found[path] = seen
        return found

    more()
    more()
    few = counted()
    for _ in range(2):
        more()
    many = counted()
    for path in paths:
        assert len(few[path]) == len(many[path]), f"{path}\n{few[path]}\n--\n{many[path]}"
        assert len(many[path]) <= 16, f"{path}\n{many[path]}"


# (page, cursor's name, the context's listing)
CURSORS = [(row.name, cursor, key) for row in LISTS for cursor, key in row.lists.items()]
# Where the context has no listing the page's own tests turn it.
WALKS = [walk for walk in CURSORS if walk[2]]


def _in_twos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two rows."""
    sizes = ("project.BATCHES", "project.PEOPLE", "workspace.PAGE_SIZE", "items.SIZE", "keyed.SIZE")
    for name in sizes:
        monkeypatch.setattr(f"projects.overview.views.{name}", 2)
    monkeypatch.setattr("projects.exports.views.SIZE", 2)
    monkeypatch.setattr("projects.quality.alerts.views.ANSWERS", 2)
    monkeypatch.setattr("projects.enrollment.panels.PAGE_SIZE", 2)
    monkeypatch.setattr(listing, "SIZE", 2)


@pytest.mark.slow
def test_every_row_once_page_by_page(
    owner: Client, more: Callable[[], None], ids: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        more()
    whole = {}
    for name, cursor, key in WALKS:
        found = _list(owner.get(path_of(name, ids)).context, key)
        assert found.is_first and not found.next_cursor
        whole[name, cursor] = [_named(row) for row in found.rows]
    _in_twos(monkeypatch)
    for name, cursor, key in WALKS:
        rows = whole[name, cursor]
        assert len(rows) >= 4 and list(_walk(owner, path_of(name, ids), cursor, key)) == rows


def _walk(client: Client, path: str, cursor: str, key: str) -> Iterator[Any]:
    after = ""
    while True:
        response = client.get(path, {cursor: after} if after else {})
        assert response.status_code == 200, response.content
        found = _list(response.context, key)
        assert len(found.rows) <= 2 and found.is_first == (not after)
        yield from (_named(row) for row in found.rows)
        if not found.next_cursor:
            return
        after = found.next_cursor
        assert f"?{cursor}=" in response.content.decode()


@pytest.mark.slow
def test_turning_one_list_leaves_the_other_where_it_is(
    owner: Client, more: Callable[[], None], ids: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        more()
    _in_twos(monkeypatch)
    for name, other, others in (
        ("keys", "tokens", "panels.tokens"),
        ("members", "invited", "invitations"),
        ("project", "people", "people"),
    ):
        path = path_of(name, ids)
        first = owner.get(path).context
        turned = owner.get(path, {other: _list(first, others).next_cursor})
        kept = turned.context["listing"]
        assert kept.is_first and not _list(turned.context, others).is_first
        both = owner.get(path + kept.next_query).context
        assert not both["listing"].is_first
        assert _list(both, others).rows == _list(turned.context, others).rows
        back = owner.get(path + both["listing"].first_query).context
        assert back["listing"].is_first and not _list(back, others).is_first


@pytest.mark.slow
def test_links_to_pages_say_of_what_and_lead_to_their_list(
    owner: Client, more: Callable[[], None], ids: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        more()
    _in_twos(monkeypatch)
    for name in dict.fromkeys(name for name, _, _ in WALKS):
        page = owner.get(path_of(name, ids)).content.decode()
        labels = re.findall(r'pagination" aria-label="([^"]*)"', page)
        assert len(set(labels)) == len(labels) == len({c for n, c, _ in WALKS if n == name})
        assert all(label.startswith("Pages: ") for label in labels), labels
        for anchor in re.findall(r'rel="next" href="[^"#]*#([^"]+)"', page):
            assert page.count(f'id="{anchor}"') == 1, (name, anchor)


def _named(row: Any) -> str:
    for name in ("pseudonym", "key", "pk", "id"):
        if hasattr(row, name):
            return str(getattr(row, name))
    return str(row)


def _list(context: Any, key: str) -> Any:
    """The listing that the context has under `key`, or a panel of it."""
    if not key.startswith("panels."):
        return context[key]
    return context["panels"][key.removeprefix("panels.")].listing


@pytest.mark.parametrize(
    ("name", "cursor"),
    [(name, cursor) for name, cursor, _ in CURSORS if name != "home"],
)
@pytest.mark.parametrize("crafted", ["x", "~", "a~b~c", "\0", "-1", "9" * 40])
def test_a_crafted_cursor_is_no_fault(
    owner: Client, ids: dict[str, Any], name: str, cursor: str, crafted: str
) -> None:
    """404, or a page where it could be one of ours."""
    assert owner.get(path_of(name, ids), {cursor: crafted}).status_code in (200, 404)
    assert owner.get(path_of(name, ids), {cursor: f"{crafted}~{uuid.uuid4()}"}).status_code in (
        200,
        404,
    )


TIMES = (
    "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00Z",
    "2026-01-01T02:00:00+02:00",
    "10000-01-01T00:00:00+00:00",
)


def test_a_cursor_of_a_time_is_one_that_we_wrote(annotators: list[Annotator]) -> None:
    """Of other zones some lie before the first year or after the last: no place for a row."""
    ada = annotators[0]
    path, browser = f"/earnings/{ada.enrollment.pk}/", browser_of(ada.user)
    for time in TIMES:
        cursor = {"cursor": f"{time}~{uuid.uuid4()}"}
        assert browser.get(path, cursor).status_code == 404, time
    for time in ("0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"):
        assert browser.get(path, {"cursor": f"{time}~{uuid.uuid4()}"}).status_code == 200, time
