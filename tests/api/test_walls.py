"""What belongs to another workspace is as what does not exist: the same status, the same body."""

import uuid

import pytest

from projects.exports.models import Export
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.api.unchanged import nothing_changes
from tests.factories import make_batch, make_project
from tests.people import make_annotator

GET, POST = "get", "post"
ROUTES = [
    (GET, "projects/{project}/", None),
    (GET, "projects/{project}/guidelines/", None),
    (POST, "projects/{project}/guidelines/", {"text": "x"}),
    (GET, "projects/{project}/guidelines/1/", None),
    (POST, "projects/{project}/guidelines/1/publish/", None),
    (GET, "projects/{project}/batches/", None),
    (POST, "projects/{project}/batches/", {}),
    (GET, "projects/{project}/agreement/", None),
    (GET, "projects/{project}/annotations/", None),
    (GET, "projects/{project}/exports/", None),
    (POST, "projects/{project}/exports/", {}),
    (GET, "batches/{batch}/", None),
    (GET, "batches/{batch}/items/", None),
    (GET, "batches/{batch}/fund/", None),
    (POST, "batches/{batch}/fund/", None),
    (POST, "batches/{batch}/open/", None),
    (POST, "batches/{batch}/close/", None),
    (GET, "batches/{batch}/consensus/", None),
    (GET, "exports/{export}/", None),
    (GET, "exports/{export}/download/", None),
    (POST, "annotations/{annotation}/accept/", None),
]
DESK_ROUTES = [
    (POST, "desk/lease/", {"project": "{project}"}),
    (POST, "desk/enrollments/", {"project": "{project}"}),
    (GET, "desk/enrollments/{enrollment}/guideline/", None),
    (POST, "desk/enrollments/{enrollment}/accept-guideline/", {"guideline_version": 1}),
    (POST, "desk/leases/{lease}/submit/", {"answer": {"preference": {"choice": "tie"}}}),
    (POST, "desk/leases/{lease}/return/", {"reason": "unclear"}),
    ("put", "desk/leases/{lease}/draft/", {"answer": {}}),
]


@pytest.fixture
def theirs(workspace_b):
    """Ids of everything workspace B has."""
    project = make_project(workspace_b)
    batch = make_batch(project)
    annotator = make_annotator(project)
    annotator.submit(annotator.lease())
    lease = annotator.lease()
    export = workspace_b.client.post(f"/api/v1/projects/{project.pk}/exports/", {}).json()
    with planes.in_workspace(workspace_b.pk):
        annotation = Annotation.objects.get()
        assert Export.objects.count() == 1
    return {
        "project": project.pk,
        "batch": batch.pk,
        "export": export["id"],
        "annotation": annotation.pk,
        "enrollment": annotator.enrollment.pk,
        "lease": lease["id"],
    }


@pytest.fixture
def missing(theirs):
    """Ids of nothing."""
    return {name: uuid.uuid4() for name in theirs}


def _ask(client, route, ids):
    method, path, body = route
    if body:
        body = {k: v.format(**ids) if isinstance(v, str) else v for k, v in body.items()}
    return getattr(client, method)("/api/v1/" + path.format(**ids), body)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route[0]} {route[1]}")
def test_foreign_is_as_missing(workspace_a, theirs, missing, route):
    """For a key of another workspace."""
    with nothing_changes():
        foreign, nowhere = (_ask(workspace_a.client, route, ids) for ids in (theirs, missing))
    assert foreign.status_code == nowhere.status_code == 404
    assert foreign.content == nowhere.content
    assert _headers(foreign) == _headers(nowhere)


def _headers(response):
    return {name: value for name, value in response.headers.items() if name != "X-Request-Id"}


@pytest.mark.parametrize("route", DESK_ROUTES, ids=lambda route: f"{route[0]} {route[1]}")
def test_foreign_desks_are_as_missing(annotators, batch, theirs, missing, route):
    """For an annotator of another workspace, and for another annotator of the same one."""
    with nothing_changes():
        foreign, nowhere = (_ask(annotators[0].client, route, ids) for ids in (theirs, missing))
    assert foreign.status_code == nowhere.status_code == 404
    assert foreign.content == nowhere.content


def test_a_neighbour_at_the_desk(annotators, batch):
    """Another annotator's objects in the same project give 404, as a stranger's do."""
    mine, other = annotators[:2]
    lease = other.lease()
    ids = {"lease": lease["id"], "enrollment": other.enrollment.pk, "project": uuid.uuid4()}
    with nothing_changes():
        for route in DESK_ROUTES[2:]:
            assert _ask(mine.client, route, ids).status_code == 404
    assert mine.lease()["id"] != lease["id"]


def test_foreign_ids_in_bodies(workspace_a, batch, theirs):
    """Annotations of another workspace are not accepted; one's own beside them are not either."""
    with nothing_changes():
        response = workspace_a.client.post(
            "/api/v1/annotations/accept/", {"ids": [str(theirs["annotation"])]}
        )
    assert response.status_code == 404
    assert response.json()["errors"][0]["field"] == "ids[0]"


def test_lists_show_ones_own(workspace_a, workspace_b, theirs):
    """And nothing else."""
    assert workspace_a.client.get("/api/v1/projects/").json()["results"] == []
    assert len(workspace_b.client.get("/api/v1/projects/").json()["results"]) == 1
