"""`Idempotency-Key`: a repeated request gets the first answer and has one effect, also at the same moment."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from django_scopes import scope

from projects.items.models import Batch, Item
from projects.plan.models import Project
from rlhfhub.api.models import IdempotencyKey
from rlhfhub.api.tasks import forget_keys
from rlhfhub.tenancy import planes
from tests.api.unchanged import nothing_changes
from tests.factories import fund_batch, make_batch, make_items, make_project
from tests.people import client_for, make_key

PROJECTS = "/api/v1/projects/"
FIELDS = {"name": "Helpfulness", "access": "market", "price_minor": 25}
BODY = b"".join(json.dumps(item).encode() + b"\n" for item in make_items(3))


def _post(client, path, body=None, key="k1", **kwargs):
    return client.post(path, body, headers={"Idempotency-Key": key}, **kwargs)


def _items(client, batch, body=BODY, key="k1", query=""):
    path = f"/api/v1/batches/{batch.pk}/items/{query}"
    return _post(client, path, body, key, content_type="application/x-ndjson")


def test_the_first_answer_again(workspace_a):
    """And nothing is done twice."""
    client = workspace_a.client
    first = _post(client, PROJECTS, FIELDS)
    with nothing_changes():
        again = _post(client, PROJECTS, FIELDS)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert _post(client, PROJECTS, FIELDS, "k2").json()["id"] != first.json()["id"]


def test_the_order_of_fields_does_not_matter_but_their_values_do(workspace_a):
    """The same key with another body is 422."""
    _post(workspace_a.client, PROJECTS, FIELDS)
    with nothing_changes():
        changed = _post(workspace_a.client, PROJECTS, {**FIELDS, "price_minor": 26})
    assert (changed.status_code, changed.json()["code"]) == (422, "key_reused")


def test_a_key_belongs_to_its_route_and_its_sender(workspace_a, workspace_b, project):
    """Elsewhere it is another key."""
    first = _post(workspace_a.client, f"{PROJECTS}{project.pk}/batches/", {})
    assert first.status_code == 201
    assert (
        _post(workspace_a.client, f"{PROJECTS}{project.pk}/guidelines/", {"text": "x"}).status_code
        == 201
    )
    other = client_for(make_key(workspace_a.workspace, workspace_a.owner))
    assert _post(other, f"{PROJECTS}{project.pk}/batches/", {}).json()["id"] != first.json()["id"]
    assert _post(workspace_b.client, PROJECTS, FIELDS).status_code == 201


def test_errors_are_not_kept(workspace_a, project):
    """The same key may be tried again once what was wrong is mended."""
    batch = make_batch(project, fund=False)
    path = f"/api/v1/batches/{batch.pk}/open/"
    with nothing_changes():
        assert _post(workspace_a.client, path).status_code == 409
    fund_batch(batch)
    opened = _post(workspace_a.client, path)
    assert (opened.status_code, opened.json()["status"]) == (200, "open")


@pytest.mark.parametrize("key", ["x" * 256, "a\tb", "é\u0085"])
def test_wrong_keys(workspace_a, key):
    """Named as the header."""
    with nothing_changes():
        response = _post(workspace_a.client, PROJECTS, FIELDS, key)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "Idempotency-Key")


def test_every_write_of_the_workspace_takes_a_key(workspace_a, project):
    """Funding twice with one key costs once."""
    batch = make_batch(project, fund=False)
    before = workspace_a.client.get("/api/v1/balance/").json()
    fund = f"/api/v1/batches/{batch.pk}/fund/"
    first = _post(workspace_a.client, fund)
    after = workspace_a.client.get("/api/v1/balance/").json()
    with nothing_changes():
        again = _post(workspace_a.client, fund)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json() and before != after


def test_imports(workspace_a, project):
    """A repeated import gets its receipt, even if the batch changed since; another body or mode is 422."""
    batch = make_batch(project, items=0)
    client = workspace_a.client
    first = _items(client, batch)
    assert (first.status_code, first.json()["created"]) == (201, 3)
    with nothing_changes():
        again = _items(client, batch)
        changed = _items(client, batch, BODY + BODY[:0] + b"\n{}\n")
        skipping = _items(client, batch, query="?on_error=skip")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert changed.status_code == skipping.status_code == 422
    fund_batch(batch)
    with nothing_changes():
        assert _items(client, batch).json() == first.json()
        assert _items(client, batch, key="k2").status_code == 409


def test_a_refused_import_keeps_no_answer(workspace_a, project):
    """Once the file is corrected, the same key imports it."""
    batch = make_batch(project, items=0)
    with nothing_changes():
        assert _items(workspace_a.client, batch, b"{}\n").status_code == 400
    assert _items(workspace_a.client, batch).status_code == 201


def test_keys_are_kept_for_a_week(workspace_a):
    """Expired keys are deleted and can be used again."""
    first = _post(workspace_a.client, PROJECTS, FIELDS)
    with scope(workspace=workspace_a.pk):  # as the owner, whom no wall holds
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=6))
    forget_keys()
    assert _post(workspace_a.client, PROJECTS, FIELDS).json() == first.json()
    with scope(workspace=workspace_a.pk):  # as the owner, whom no wall holds
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=8))
    forget_keys()
    assert _post(workspace_a.client, PROJECTS, FIELDS).json()["id"] != first.json()["id"]


def _at_once(count, call):
    """What `count` threads get that start together."""
    barrier, answers = threading.Barrier(count), []

    def run():
        try:
            barrier.wait()
            answers.append(call())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count, "a request raised"
    return answers


@pytest.mark.concurrency
def test_twins(own_database, as_site, workspace_a):
    """Eight at once, as the site's own login: one effect, eight equal answers."""
    as_site()
    answers = _at_once(8, lambda: _post(workspace_a.client, PROJECTS, FIELDS))
    assert {a.status_code for a in answers} == {201}
    assert all(a.json() == answers[0].json() for a in answers)
    assert sum(a.headers.get("Idempotent-Replayed") == "true" for a in answers) == 7
    with planes.in_workspace(workspace_a.pk):
        assert Project.objects.count() == 1
        assert IdempotencyKey.objects.count() == 1


@pytest.mark.concurrency
def test_twins_with_different_bodies(own_database, workspace_a):
    """One request is carried out; the others get 409."""
    prices = iter(range(1, 9))
    lock = threading.Lock()

    def call():
        with lock:
            price = next(prices)
        return _post(workspace_a.client, PROJECTS, {**FIELDS, "price_minor": price})

    assert sorted(a.status_code for a in _at_once(8, call)) == [201] + [422] * 7


@pytest.mark.concurrency
def test_twins_importing(own_database, as_site, workspace_a):
    """One import; the others wait for its receipt."""
    project = make_project(workspace_a)
    batch = make_batch(project, items=0)
    as_site()
    answers = _at_once(6, lambda: _items(workspace_a.client, batch))
    assert {a.status_code for a in answers} == {201}
    assert all(a.json() == answers[0].json() for a in answers)
    with planes.in_workspace(workspace_a.pk):
        assert Item.objects.count() == 3
        assert Batch.objects.get(pk=batch.pk).items_count == 3


@pytest.mark.concurrency
def test_two_imports_of_the_same_items_without_a_key(own_database, workspace_a):
    """They take turns at the batch; the later ones find duplicates."""
    batch = make_batch(make_project(workspace_a), items=0)
    answers = _at_once(4, lambda: _items(workspace_a.client, batch, key=""))
    assert sorted(a.json()["created"] for a in answers) == [0, 0, 0, 3]
    assert sorted(a.json()["duplicates"] for a in answers) == [0, 3, 3, 3]
    with planes.in_workspace(workspace_a.pk):
        assert Item.objects.count() == 3


@pytest.mark.concurrency
def test_a_key_revoked_while_its_body_comes_in(own_database, workspace_a):
    """Revocation holds for uploads on their way: nothing comes in."""
    batch = make_batch(make_project(workspace_a), items=0)

    class Revoking:
        """A body during whose reading the key is revoked."""

        def __init__(self):
            self.blocks = [BODY]

        def read(self, size=-1):
            if not self.blocks:
                from rlhfhub.tenancy.models import ApiKey

                with planes.in_workspace(workspace_a.pk):
                    ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")
                return b""
            return self.blocks.pop()

        readline = read

    environ = {
        "wsgi.input": Revoking(),
        "CONTENT_LENGTH": str(len(BODY)),
        "wsgi.input_terminated": True,
    }
    path = f"/api/v1/batches/{batch.pk}/items/"
    kind = "application/x-ndjson"
    response = workspace_a.client.generic("POST", path, b"", content_type=kind, **environ)
    assert response.status_code == 401
    with planes.in_workspace(workspace_a.pk):
        assert Item.objects.count() == 0
