"""How often: costly writes by key, refused keys by address; the desk asks the cache nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from projects.items.models import Batch
from projects.plan.models import Project
from tests.factories import Tenant, make_batch, make_items
from tests.people import Annotator, client_for, make_key


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Limits stay in the process's cache: none goes on to the next test."""
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


def test_costly_writes_are_limited_by_key(
    strict: None, workspace_a: Tenant, project: Project, batch: Batch
) -> None:
    """Each kind for itself, whatever its answer was; another key goes on, and reading is free."""
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
    assert [other.post(path, body).status_code for path, body, _ in wanted] == [201, 202, 202]
    assert client.post("/api/v1/projects/", {"name": "not counted"}).status_code == 201


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
    """What is right goes on from the same address; what an address claims of itself does not count."""
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
    """Nor does it mind one that is away."""
    for name in ("get", "set", "add", "incr", "get_many"):
        monkeypatch.setattr(type(cache._connections["default"]), name, _away)
    lease = annotators[0].lease()
    assert lease and annotators[0].submit(lease).status_code == 201
