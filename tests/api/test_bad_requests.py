"""JSON bodies, ids and keys that cannot be taken: each a clear 4xx naming the field, nothing changed."""

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from rlhfhub.tenancy import services
from rlhfhub.tenancy.models import ApiKey
from tests.api.unchanged import nothing_changes
from tests.factories import make_batch, make_project
from tests.people import client_for, make_key

FIELDS = {"name": "Helpfulness", "template": "pairwise", "access": "market", "price_minor": 25}
PROJECTS = "/api/v1/projects/"


def _refused(response, status, field=None):
    assert response.status_code == status, response.content
    body = response.json()
    assert set(body) == {"code", "detail", "errors"} and body["code"] and body["detail"]
    if field is not None:
        assert [error["field"] for error in body["errors"]] == [field]
        assert field in body["detail"]
    return body


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 121),
        ("name", 5),
        ("name", True),
        ("name", ["x"]),
        ("name", {"x": 1}),
        ("template", "unknown"),
        ("template", 5),
        ("template", []),
        ("access", "everybody"),
        ("access", None),
        ("price_minor", -1),
        ("price_minor", 0),
        ("price_minor", 10**9 + 1),
        ("price_minor", 10**18 - 1),
        ("price_minor", 25.0),
        ("price_minor", "25"),
        ("price_minor", True),
        ("price_minor", None),
        ("overlap", 0),
        ("overlap", 51),
        ("overlap", "3"),
        ("lease_minutes", 1441),
        ("auto_accept_hours", 0),
        ("auto_accept_hours", 169),
        ("estimated_seconds", 0),
        ("colour", "red"),
        ("workspace", "0"),
    ],
)
def test_wrong_fields_of_a_project(workspace_a, field, value):
    """Types are strict, bounds are kept, unknown fields are named."""
    with nothing_changes():
        response = workspace_a.client.post(PROJECTS, {**FIELDS, field: value})
    _refused(response, 400, field)


def test_paying_members(workspace_a):
    """A member of a workspace cannot work for its pay."""
    with nothing_changes():
        response = workspace_a.client.post(PROJECTS, {**FIELDS, "access": "members"})
    _refused(response, 400, "price_minor")


BODIES = {
    # name: (body, field)
    "truncated": (b'{"name": "x"', "body"),
    "not an object": (b"[1]", "body"),
    "text": (b'"x"', "body"),
    "not UTF-8": (b'{"name": "\xff"}', "body"),
    "NUL": (b'{"name": "a\\u0000b"}', "name"),
    "NUL within": (b'{"answer": {"reason": ["x", "a\\u0000b"]}}', "answer.reason[1]"),
    "NUL in a key": (b'{"na\\u0000me": "x"}', '["na\\u0000me"]'),
    "lone surrogate": (b'{"name": "\\ud800"}', "name"),
    "NaN": (b'{"price_minor": NaN}', "price_minor"),
    "Infinity": (b'{"price_minor": -Infinity}', "price_minor"),
    "a number beyond a double": (b'{"price_minor": 1e999}', "price_minor"),
    "duplicate keys": (b'{"name": "x", "name": "y"}', "name"),
    "a duplicate surrogate": (b'{"\\ud800": "x", "\\ud800": "y"}', '["\\ud800"]'),
    "5,000 digits": (b'{"price_minor": ' + b"9" * 5000 + b"}", "price_minor"),
    "5,000 decimals": (b'{"price_minor": 0.' + b"9" * 5000 + b"}", "price_minor"),
    "deep nesting": (b'{"name": ' + b"[" * 50 + b"]" * 50 + b"}", "body"),
    "very deep nesting": (b'{"name": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "body"),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("way", ["projects", "submit"])
def test_bad_json(workspace_a, batch, annotators, name, way):
    """Refused before it is parsed, for members and at the desk."""
    if way == "projects":
        client, path = workspace_a.client, PROJECTS
    else:
        client = annotators[0].client
        path = f"/api/v1/desk/leases/{annotators[0].lease()['id']}/submit/"
    with nothing_changes():
        response = client.post(path, BODIES[name][0], content_type="application/json")
    _refused(response, 400, BODIES[name][1])


def test_a_large_body(workspace_a):
    """4 MiB of JSON are enough for everything but items."""
    body = json.dumps({**FIELDS, "name": "x" * (4 << 20)}).encode()
    with nothing_changes():
        response = workspace_a.client.post(PROJECTS, body, content_type="application/json")
    assert _refused(response, 413)["code"] == "too_large"


def test_another_content_type(workspace_a):
    """JSON alone is read."""
    with nothing_changes():
        response = workspace_a.client.post(
            PROJECTS, b"name=x", content_type="application/x-www-form-urlencoded"
        )
    _refused(response, 415)


def test_actions_without_a_body_take_none(workspace_a, project):
    """A field they would ignore is refused, for the sender meant something by it."""
    batch = make_batch(project, fund=False)
    for action in ("fund", "open", "close"):
        with nothing_changes():
            response = workspace_a.client.post(
                f"/api/v1/batches/{batch.pk}/{action}/", {"amount": 5}
            )
        _refused(response, 400, "amount")
    with nothing_changes():
        response = workspace_a.client.post(
            f"{PROJECTS}{project.pk}/guidelines/1/publish/", {"number": 1}
        )
    _refused(response, 400, "number")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": " \n "}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 200_001}, "text"),
        ({"text": "x", "change": "tiny"}, "change"),
        ({"text": "x", "number": 7}, "number"),
    ],
)
def test_wrong_guidelines(workspace_a, project, body, field):
    """Their text is kept as written, so it must be one."""
    with nothing_changes():
        response = workspace_a.client.post(f"{PROJECTS}{project.pk}/guidelines/", body)
    _refused(response, 400, field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ids": []}, "ids"),
        ({"ids": "all"}, "ids"),
        ({"ids": [5]}, "ids[0]"),
        ({"ids": ["x"]}, "ids[0]"),
        ({"ids": [None]}, "ids[0]"),
        ({"ids": [str(uuid.uuid4())] * 501}, "ids"),
        ({}, "ids"),
    ],
)
def test_wrong_lists_of_annotations(workspace_a, batch, body, field):
    """Up to 500 ids."""
    with nothing_changes():
        response = workspace_a.client.post("/api/v1/annotations/accept/", body)
    _refused(response, 400)
    assert response.json()["errors"][0]["field"].startswith(field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"dataset": "csv"}, "dataset"),
        ({"dataset": 1}, "dataset"),
        ({"format": "dpo"}, "format"),
        ({"include_undecided": "true"}, "include_undecided"),
        ({"include_undecided": 1}, "include_undecided"),
        ({"batch": 5}, "batch"),
        ({"batch": "x"}, "batch"),
        ({"batch": str(uuid.uuid4())}, "batch"),
        ({"rows": 5}, "rows"),
    ],
)
def test_wrong_exports(workspace_a, batch, body, field):
    """A dataset we make, a yes or no, and a batch of this project."""
    with nothing_changes():
        response = workspace_a.client.post(f"{PROJECTS}{batch.project_id}/exports/", body)
    _refused(response, 400, field)


def test_a_batch_of_another_project_is_not_exported(workspace_a, project):
    """Not even of the same workspace."""
    other = make_batch(make_project(workspace_a))
    with nothing_changes():
        response = workspace_a.client.post(
            f"{PROJECTS}{project.pk}/exports/", {"batch": str(other.pk)}
        )
    _refused(response, 400, "batch")


@pytest.mark.parametrize(
    "query", ["?cursor=x", "?cursor=bz0tMQ==", "?cursor=cD14", "?cursor=cD0lMDA="]
)
def test_crafted_cursors_lead_nowhere(workspace_a, batch, query):
    """Unknown fields are refused by name, whatever their value."""
    for path in (
        PROJECTS,
        f"{PROJECTS}{batch.project_id}/batches/",
        f"{PROJECTS}{batch.project_id}/guidelines/",
        f"{PROJECTS}{batch.project_id}/annotations/",
        f"/api/v1/batches/{batch.pk}/items/",
    ):
        _refused(workspace_a.client.get(path + query), 400, "cursor")


@pytest.mark.parametrize(
    ("query", "field"), [("?state=lost", "state"), ("?batch=x", "batch"), ("?batch=", "batch")]
)
def test_wrong_filters(workspace_a, project, query, field):
    """Named, rather than ignored."""
    _refused(workspace_a.client.get(f"{PROJECTS}{project.pk}/annotations/{query}"), 400, field)


def test_keys_that_do_not_open(workspace_a, project):
    """An unknown, malformed, expired or revoked key, or a deactivated user's, gives 401 without details."""
    path = f"{PROJECTS}{project.pk}/"
    for header in (
        "Bearer rlh_nothing",
        "Bearer x",
        "Basic rlh_x",
        "rlh_x",
        "Bearer",
        "Bearer rlh_" + "x" * 200,
    ):
        client = client_for()
        client.credentials(HTTP_AUTHORIZATION=header)
        response = client.get(path)
        _refused(response, 401)
        assert response.headers["WWW-Authenticate"] == "Bearer"
    _refused(client_for().get(path), 401)
    for change in (
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ):
        secret = make_key(workspace_a.workspace, workspace_a.owner)
        assert client_for(secret).get(path).status_code == 200
        # As the owner: no plane moves a key's end.
        with scope(workspace=workspace_a.pk):
            ApiKey.objects.filter(secret_sha256=services.digest(secret)).update(**change)
        with nothing_changes():
            _refused(client_for(secret).get(path), 401)
            _refused(client_for(secret).post(f"{path}batches/", {}), 401)


def test_scopes(workspace_a, project, annotators):
    """A key does what it was made for and no more; a desk key nothing of the workspace's."""
    path = f"{PROJECTS}{project.pk}/"
    read, write, export = (
        client_for(make_key(workspace_a.workspace, workspace_a.owner, scope))
        for scope in ("read", "write", "export")
    )
    desk = annotators[0].client
    with nothing_changes():
        for client in (write, export, desk):
            _refused(client.get(path), 403)
        for client in (read, export, desk):
            _refused(client.post(f"{path}batches/", {}), 403)
        for client in (read, write, desk):
            _refused(client.post(f"{path}exports/", {}), 403)
        for client in (read, write, export):
            _refused(client.post("/api/v1/desk/lease/", {}), 403)
    assert read.get(path).status_code == 200
    assert write.post(f"{path}batches/", {}).status_code == 201
    assert export.post(f"{path}exports/", {}).status_code == 202
