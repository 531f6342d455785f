"""Rate limits: costly writes per workspace, refused keys per address; the desk never uses the cache."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.api import throttles
from tests.factories import Tenant, make_batch, make_items, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator, client_for, make_key


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Clear the process's cache, where counts would carry over to the next test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def strict(settings: Any) -> None:
    """Twice a minute, each."""
    settings.THROTTLES = dict.fromkeys(settings.THROTTLES, "2/minute")


def throttled(response: Any) -> None:
    """It is the answer that says so, in the shape of all errors."""
    assert response.status_code == 429, response.content
    body = response.json()
    assert (body["code"], body["errors"]) == ("throttled", [])
    assert 1 <= int(response["Retry-After"]) <= 60
    assert response["Retry-After"] in body["detail"]


def test_costly_writes_are_limited_by_workspace(
    strict: None, workspace_a: Tenant, workspace_b: Tenant, project: Project, batch: Batch
) -> None:
    """Each kind of write has its own count, over all keys and whatever the answers; reading is not limited."""
    draft = make_batch(project, items=0)
    items, again = f"/api/v1/batches/{draft.pk}/items/", f"/api/v1/batches/{batch.pk}/fund/"
    exports = f"/api/v1/projects/{project.pk}/exports/"
    client = workspace_a.client
    wanted = ((items, make_items(1, 900), 201), (again, None, 202), (exports, {}, 202))
    for path, body, status in wanted:
        assert client.post(path, body).status_code == status
        assert client.post(path, body).status_code in (status, 201)
        throttled(client.post(path, body))
        assert client.get(path).status_code == 200
    other = client_for(make_key(workspace_a.workspace, workspace_a.owner))
    for path, body, _ in wanted:
        throttled(other.post(path, body))
    foreign = f"/api/v1/projects/{make_project(workspace_b).pk}/exports/"
    assert workspace_b.client.post(foreign, {}).status_code == 202
    assert client.post("/api/v1/projects/", {"name": "not counted"}).status_code == 201


def test_pages_and_keys_count_together(
    strict: None, workspace_a: Tenant, project: Project, batch: Batch
) -> None:
    """The page says so, and when to come again; what was counted by one is missing from the other."""
    draft, at = make_batch(project, items=0), f"/w/{workspace_a.workspace.slug}"
    browser, client = browser_of(workspace_a.owner), workspace_a.client
    import_form = {"text": json.dumps(make_items(1, 800)), "on_error": "skip"}
    steps = (
        (
            f"{at}/batches/{draft.pk}/import/",
            import_form,
            f"batches/{draft.pk}/items/",
            make_items(1),
        ),
        (f"{at}/batches/{batch.pk}/fund/", {}, f"batches/{batch.pk}/fund/", None),
        (
            f"{at}/projects/{project.pk}/exports/",
            {"dataset": "dpo"},
            f"projects/{project.pk}/exports/",
            {},
        ),
    )
    for page, form, path, body in steps:
        assert browser.post(page, form).status_code == 303, page
        assert client.post(f"/api/v1/{path}", body).status_code in (201, 202), path
        refused = browser.post(page, form)
        assert refused.status_code == 429, page
        assert f"in {refused['Retry-After']} seconds" in refused.content.decode()
        throttled(client.post(f"/api/v1/{path}", body))


def test_who_may_not_uses_nothing_up(strict: None, workspace_a: Tenant, project: Project) -> None:
    """A reader's requests are refused, and not counted to the workspace."""
    path = f"/api/v1/projects/{project.pk}/exports/"
    reader = client_for(make_key(workspace_a.workspace, workspace_a.owner, "read"))
    assert {reader.post(path, {}).status_code for _ in range(4)} == {403}
    assert workspace_a.client.post(path, {}).status_code == 202


def test_a_hundred_at_once_are_all_counted(settings: Any) -> None:
    settings.THROTTLES = {"imports": "10/minute"}
    workspace = uuid.uuid4()
    with ThreadPoolExecutor(20) as pool:
        waits = list(
            pool.map(lambda _: throttles.seconds_to_wait("imports", workspace), range(100))
        )
    assert sum(wait == 0 for wait in waits) == 10


def test_a_limited_write_changes_nothing(
    strict: None, workspace_a: Tenant, project: Project
) -> None:
    path = f"/api/v1/projects/{project.pk}/exports/"
    answers = [workspace_a.client.post(path, {}).status_code for _ in range(4)]
    assert answers == [202, 202, 429, 429]
    assert len(workspace_a.client.get(path).json()["results"]) == 2


def test_refused_keys_are_limited_by_address(
    strict: None, workspace_a: Tenant, project: Project
) -> None:
    """Valid keys still work from the same address; forwarded addresses that a client claims are ignored."""
    path, guess = "/api/v1/projects/", client_for("rlh_" + "x" * 32)
    assert [guess.get(path).status_code for _ in range(2)] == [401, 401]
    throttled(guess.get(path))
    throttled(guess.get(path, headers={"X-Forwarded-For": "203.0.113.7"}))
    throttled(guess.post("/api/v1/desk/lease/", {"project": str(project.pk)}))
    assert guess.get(path, REMOTE_ADDR="203.0.113.8").status_code == 401
    subscriber = [guess.get(path, REMOTE_ADDR=f"2001:db8::{n}").status_code for n in range(3)]
    assert subscriber == [401, 401, 429]
    assert workspace_a.client.get(path).status_code == 200
    # Who sends none tried none.
    assert [client_for().get(path).status_code for _ in range(4)] == [401] * 4


def test_no_limit_where_the_setting_is_empty(settings: Any, workspace_a: Tenant) -> None:
    settings.THROTTLES = dict.fromkeys(settings.THROTTLES, "")
    guess = client_for("rlh_" + "x" * 32)
    assert {guess.get("/api/v1/projects/").status_code for _ in range(40)} == {401}


def _away(*_: Any, **__: Any) -> None:
    raise ConnectionError("the cache is away")


def test_the_desk_asks_the_cache_nothing(
    batch: Batch, annotators: list[Annotator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk works while every call of the cache fails."""
    for name in ("get", "set", "add", "incr", "get_many"):
        monkeypatch.setattr(type(cache._connections["default"]), name, _away)  # type: ignore[attr-defined]
    lease = annotators[0].lease()
    assert lease and annotators[0].submit(lease).status_code == 201
