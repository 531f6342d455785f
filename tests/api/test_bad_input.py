"""Every kind of bad input, one by one, sent over real HTTP to a web process: a clear 4xx, nothing changed.

Which row and field each names is asserted here; the finer cases stand in the tests of each endpoint.
"""

import gzip
import threading
import uuid
from dataclasses import dataclass

import pytest

from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import ApiKey
from tests.api.server import Server
from tests.api.test_bad_imports import FILES
from tests.api.test_bad_requests import BODIES
from tests.api.test_bad_rows import ROWS
from tests.api.unchanged import fingerprint
from tests.api.uploads import GOOD, NDJSON, lines
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.people import Annotator, age, make_annotator, make_key

MIB = 1 << 20
LINE = 200 * MIB


@dataclass
class Ground:
    """A workspace with an empty batch and one at work, its annotator, and another's project."""

    server: Server
    tenant: Tenant
    project: str
    draft: str
    ada: Annotator
    foreign: str

    def refused(self, *asked, status, code=None, row=None, field=None, **headers):
        """Send the request and check the refusal and that no row of any table changed."""
        before = fingerprint()
        got, answer = self.server.ask(*asked, **headers)
        assert got == status, (got, answer)
        assert answer["code"] and answer["detail"], answer
        assert code in (None, answer["code"]), answer
        if field is not None:
            first = answer["errors"][0]
            assert (first["row"], first["field"]) == (row, field), answer
            assert first["message"] and field in answer["detail"], answer
        assert {name for name, rows in fingerprint().items() if rows != before[name]} == set()

    def upload(self, body, kind=NDJSON, **more):
        """An upload of items that is refused."""
        path = f"/api/v1/batches/{self.draft}/items/"
        self.refused("POST", path, self.tenant.secret, body, kind, **more)

    def lease(self):
        status, lease = self.server.ask("POST", "/api/v1/desk/lease/", self.ada.secret, {})
        assert status == 200, lease
        return lease

    def answer(self, lease):
        """Return the body of a valid submit of this lease."""
        choice = {"preference": {"choice": lease["responses"][0]["key"]}}
        path = f"/api/v1/desk/leases/{lease['id']}/submit/"
        return "POST", path, self.ada.secret, {"answer": choice}


@pytest.fixture
def ground(own_database, tmp_path):
    tenant = make_workspace()
    project = make_project(tenant)
    draft, foreign = make_batch(project, items=0), make_project(make_workspace())
    make_batch(project, items=5)
    ada = make_annotator(project)
    with Server(own_database, tmp_path) as server:
        ground = Ground(server, tenant, str(project.pk), str(draft.pk), ada, str(foreign.pk))
        # Whatever a first request leaves behind is there.
        assert server.ask("GET", "/api/v1/projects/", tenant.secret)[0] == 200
        yield ground
        faults = [line for line in server.log.read_text().splitlines() if "Traceback" in line]
        assert faults == []


def _a_line_of_200_megabytes():
    yield b'{"prompt": "'
    for _ in range(LINE // MIB):
        yield b"x" * MIB


@pytest.mark.slow
def test_uploads(ground):
    """Unreadable files, and invalid rows: the second of two, so that the reported number can be checked."""
    for name in ("truncated gzip", "a gzip bomb"):
        body, kind, headers, status, code = FILES[name]
        encoding = {"Content-Encoding": headers["HTTP_CONTENT_ENCODING"]}
        ground.upload(body, kind, status=status, code=code, **encoding)
    length = {"Content-Length": str(LINE + 12)}
    ground.upload(_a_line_of_200_megabytes(), status=400, row=1, field="item", **length)
    before = lines({**GOOD, "external_id": "before"})
    for name in (
        *("NUL", "lone surrogate", "NaN", "Infinity", "duplicate keys", "5,000 digits"),
        *("5,000 decimals", "deep nesting", "not UTF-8", "a number for a prompt", "true for an id"),
        *("text for responses", "a number for a text", "one response", "equal responses"),
    ):
        body, row, field, _ = ROWS[name]
        for sent, headers in (
            (before + body, {}),
            (gzip.compress(before + body), {"Content-Encoding": "gzip"}),
        ):
            ground.upload(sent, status=400, code="rejected", row=row + 1, field=field, **headers)


@pytest.mark.slow
def test_bodies(ground):
    """Invalid JSON, and JSON that PostgreSQL cannot store, at every kind of endpoint that reads a body."""
    lease = ground.lease()
    ends = [
        ("/api/v1/projects/", ground.tenant.secret),
        (f"/api/v1/projects/{ground.project}/guidelines/", ground.tenant.secret),
        (f"/api/v1/projects/{ground.project}/exports/", ground.tenant.secret),
        ("/api/v1/annotations/accept/", ground.tenant.secret),
        ("/api/v1/desk/lease/", ground.ada.secret),
        ("/api/v1/desk/enrollments/", ground.ada.secret),
        (f"/api/v1/desk/leases/{lease['id']}/submit/", ground.ada.secret),
        (f"/api/v1/desk/leases/{lease['id']}/return/", ground.ada.secret),
    ]
    for path, secret in ends:
        for body, field in BODIES.values():
            ground.refused("POST", path, secret, body, status=400, field=field)
    draft = f"/api/v1/desk/leases/{lease['id']}/draft/"
    for body, field in BODIES.values():
        ground.refused("PUT", draft, ground.ada.secret, body, status=400, field=field)


@pytest.mark.slow
def test_wrong_types(ground):
    """Named by their field."""
    project = {"name": "x", "template": "pairwise", "access": "market", "price_minor": 25}
    for field, value in (("name", 5), ("price_minor", "25"), ("overlap", True), ("template", [])):
        body = {**project, field: value}
        asked = ("POST", "/api/v1/projects/", ground.tenant.secret, body)
        ground.refused(*asked, status=400, field=field)
    lease = ground.lease()
    method, path, secret, _ = ground.answer(lease)
    for answer, field in (
        (5, "answer"),
        ({}, "preference"),
        ({"preference": "tie"}, "preference"),
        ({"preference": {"choice": 0}}, "preference.choice"),
        ({"preference": {"choice": "k"}}, "preference.choice"),
        ({"preference": {"choice": "tie"}, "reason": ["x"]}, "reason"),
    ):
        ground.refused(method, path, secret, {"answer": answer}, status=400, field=field)
    ground.refused(
        "POST", "/api/v1/desk/lease/", secret, {"project": 5}, status=400, field="project"
    )


@pytest.mark.slow
def test_foreign_projects_and_keys(ground):
    """Another's project is as one that does not exist; a revoked key opens nothing."""
    key, desk = ground.tenant.secret, ground.ada.secret
    for theirs in (ground.foreign, str(uuid.uuid4())):
        for method, path, secret, body in (
            ("GET", f"/api/v1/projects/{theirs}/", key, None),
            ("POST", f"/api/v1/projects/{theirs}/batches/", key, {"name": "x"}),
            ("POST", f"/api/v1/projects/{theirs}/guidelines/", key, {"text": "x"}),
            ("POST", f"/api/v1/projects/{theirs}/exports/", key, {"dataset": "dpo"}),
            ("POST", "/api/v1/desk/lease/", desk, {"project": theirs}),
        ):
            ground.refused(method, path, secret, body, status=404, code="not_found")
    secret = make_key(ground.tenant.workspace, ground.tenant.owner)
    with planes.in_workspace(ground.tenant.pk):
        row = ApiKey.objects.get(secret_sha256=services.digest(secret))
        services.revoke_key(key=row, by=ground.tenant.owner)
    path = f"/api/v1/batches/{ground.draft}/items/"
    ground.refused("GET", "/api/v1/projects/", secret, status=401)
    ground.refused("POST", path, secret, lines(GOOD), NDJSON, status=401)


@pytest.mark.slow
def test_leases_that_have_ended(ground):
    """Submitted twice, or too late: 409, and the first answer stays as it is."""
    first = ground.answer(ground.lease())
    assert ground.server.ask(*first)[0] == 201
    ground.refused(*first, status=409, code="lease_ended")
    late = ground.lease()
    age(late)
    ground.refused(*ground.answer(late), status=409, code="lease_ended")


@pytest.mark.slow
def test_two_tabs(ground):
    """Both requests get the same lease; one answer is stored and the other is refused with 409."""
    leases = _at_once(2, ground.lease)
    assert leases[0]["id"] == leases[1]["id"]
    answers = _at_once(2, lambda: ground.server.ask(*ground.answer(leases[0])))
    assert sorted(status for status, _ in answers) == [201, 409]
    (refused,) = [answer for status, answer in answers if status == 409]
    assert refused["code"] == "lease_ended" and refused["detail"]


def _at_once(times, act):
    found = []
    threads = [threading.Thread(target=lambda: found.append(act())) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found
