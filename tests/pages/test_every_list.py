"""Every list is told a page at a time, and asks as much for many rows as for few.

The URLs come from the resolver: a new one stands among the LISTS, in LISTS_OF_REST (tests.api) or, with what
bounds it, among those that are NO_LIST; else the build fails.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.tenancy.staff import site
from rlhfhub.web import listing
from tests import people
from tests.api.test_query_counts import LISTS as LISTS_OF_REST
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.security.walk import routes

# Pages with lists, and the most statements each may ask.
LISTS = {
    "home": 8,
    "workspace": 16,
    "members": 9,
    "keys": 11,
    "project": 24,
    "project_agreement": 16,
    "project_items": 16,
    "guidelines": 12,
    "review": 12,
    "exports": 12,
    "money": 16,
    "batch": 16,
}
# In tests/pages/test_work_pages.py and test_tokens.py.
OF_ANNOTATORS = {"work_home", "earnings", "earnings_in", "tokens"}
NO_LIST = {
    "live ready work_health login logout api_schema api_docs": "of no rows",
    "invitation guideline desk workspace_new project_new join": "one thing, or a form",
    "batch_progress fund_progress": "one batch, by figures",
    "batch_import batch_plan batch_fund batch_open batch_pause batch_close": "verbs",
    "desk_submit desk_return desk_draft reading": "verbs",
    "desk_kept": "one annotator's drafts in a project, which are kept 30 days",
    "export_download": "one file",
    "review_one": "one annotation",
    "item": "one item, as many answers as it has slots",
    "account_email": "at most ACCOUNT_MAX_EMAIL_ADDRESSES",
}


def test_every_url_is_known() -> None:
    """Of pages; REST's stand by their paths, and staff's lists are all looked at below."""
    known = {*LISTS, *OF_ANNOTATORS, *(name for names in NO_LIST for name in names.split())}
    rest = {path.replace("{", "<uuid:").replace("}", ">") for path in LISTS_OF_REST}
    unknown = []
    for route, name in routes():
        if route.startswith("admin/") or (name or "").startswith("account_"):
            continue
        if route.startswith("api/v1/"):
            # A list of REST is a collection: what ends in an id, a number or a verb is not.
            path = route.removeprefix("api/v1/")
            if path in rest or not _is_collection(path):
                continue
        if name not in known:
            unknown.append((route, name))
    assert unknown == []


# By their last words: single things and verbs.
_SINGLE = {
    "publish", "fund", "open", "pause", "close", "accept", "download", "lease", "submit", "return", "draft",
    "guideline", "accept-guideline", "metadata-keys", "schema", "docs",
}  # fmt: skip


def _is_collection(path: str) -> bool:
    last = path.rstrip("/").split("/")[-1]
    return not last.startswith("<") and last not in _SINGLE


@pytest.fixture
def ids(workspace_a: Tenant, project: Project, batch: Batch) -> dict[str, Any]:
    return {"slug": workspace_a.workspace.slug, "project_id": project.pk, "batch_id": batch.pk}


def _path(name: str, ids: dict[str, Any]) -> str:
    wanted = {"batch": ("slug", "batch_id"), "home": ()}
    of_project = {
        "project",
        "project_agreement",
        "project_items",
        "guidelines",
        "review",
        "exports",
    }
    usual = ("slug", "project_id") if name in of_project else ("slug",)
    return reverse(name, kwargs={key: ids[key] for key in wanted.get(name, usual)})


def test_pages_ask_no_more_for_more_rows(
    owner: Client, more: Callable[[], None], ids: dict[str, Any], queries: Callable[[], Any]
) -> None:
    def counted() -> dict[str, Any]:
        found = {}
        for name in LISTS:
            with queries() as seen:
                response = owner.get(
                    _path(name, ids), HTTP_HX_REQUEST="true" if name == "project_agreement" else ""
                )
            assert response.status_code == 200, name
            found[name] = seen
        return found

    more()
    more()
    few = counted()
    for _ in range(3):
        more()
    many = counted()
    for name, most in LISTS.items():
        assert len(few[name]) == len(many[name]), f"{name}\n{few[name]}\n--\n{many[name]}"
        assert len(many[name]) <= most, f"{name}\n{many[name]}"


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
WALKS = [
    ("home", "cursor", "listing"),
    ("workspace", "cursor", "listing"),
    ("members", "cursor", "listing"),
    ("members", "invited", "invitations"),
    ("keys", "cursor", "listing"),
    ("keys", "tokens", "panels.tokens"),
    ("project", "cursor", "listing"),
    ("project", "people", "people"),
    ("project_items", "cursor", "listing"),
    ("guidelines", "cursor", "listing"),
    ("exports", "cursor", "listing"),
]


def _in_twos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two rows."""
    for name in ("project.BATCHES", "project.PEOPLE", "workspace.MOST", "items.SIZE"):
        monkeypatch.setattr(f"projects.overview.views.{name}", 2)
    monkeypatch.setattr("projects.exports.views.SIZE", 2)
    monkeypatch.setattr("projects.enrollment.panels.PAGE", 2)
    monkeypatch.setattr(listing, "SIZE", 2)


def test_every_row_once_page_by_page(
    owner: Client, more: Callable[[], None], ids: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        more()
    whole = {}
    for name, cursor, key in WALKS:
        found = _list(owner.get(_path(name, ids)).context, key)
        assert found.is_first and not found.next_cursor
        whole[name, cursor] = [_named(row) for row in found.rows]
    _in_twos(monkeypatch)
    for name, cursor, key in WALKS:
        rows = whole[name, cursor]
        assert len(rows) >= 4 and list(_walk(owner, _path(name, ids), cursor, key)) == rows


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
        path = _path(name, ids)
        first = owner.get(path).context
        turned = owner.get(path, {other: _list(first, others).next_cursor})
        kept = turned.context["listing"]
        assert kept.is_first and not _list(turned.context, others).is_first
        both = owner.get(path + kept.next_query).context
        assert not both["listing"].is_first
        assert _list(both, others).rows == _list(turned.context, others).rows
        back = owner.get(path + both["listing"].first_query).context
        assert back["listing"].is_first and not _list(back, others).is_first


def test_links_to_pages_say_of_what_and_lead_to_their_list(
    owner: Client, more: Callable[[], None], ids: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        more()
    _in_twos(monkeypatch)
    for name in dict.fromkeys(name for name, _, _ in WALKS):
        page = owner.get(_path(name, ids)).content.decode()
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
    [(n, c) for n, c, _ in WALKS if n != "home"] + [("money", "cursor"), ("review", "cursor")],
)
@pytest.mark.parametrize("crafted", ["x", "~", "a~b~c", "\0", "-1", "9" * 40])
def test_a_crafted_cursor_is_no_fault(
    owner: Client, ids: dict[str, Any], name: str, cursor: str, crafted: str
) -> None:
    """404, or a page where it could be one of ours."""
    assert owner.get(_path(name, ids), {cursor: crafted}).status_code in (200, 404)
    assert owner.get(_path(name, ids), {cursor: f"{crafted}~{uuid.uuid4()}"}).status_code in (
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
