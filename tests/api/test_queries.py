"""REST refuses query parameters that a method does not declare. All URLs come from the resolver."""

import re
from typing import Any

import pytest

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.api.queries import TakesQuery
from tests.api.addresses import Address, addresses
from tests.api.unchanged import nothing_changes
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator, Client, client_for, make_desk_key

ALL = list(addresses())


@pytest.fixture
def ask(workspace_a: Tenant, project: Project) -> Any:
    """Sends a query to an address, with the key that it is for."""
    desk = client_for(make_desk_key(workspace_a.workspace, workspace_a.owner))

    def send(address: Address, query: str) -> Any:
        client: Client = desk if address.is_desk else workspace_a.client
        with nothing_changes():
            return client.generic(address.method, f"{address.path}?{query}")

    return send


def _refused(response: Any, field: str) -> None:
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/json"
    if response.request["REQUEST_METHOD"] != "HEAD":
        body = response.json()
        assert set(body) == {"code", "detail", "errors"} and body["code"] == "invalid"
        assert [error["field"] for error in body["errors"]] == [field]
        assert field in body["detail"]


def test_every_view_names_its_parameters() -> None:
    """By the class that refuses all others."""
    assert len(ALL) > 40
    assert [str(a) for a in ALL if a.view is None or not issubclass(a.view, TakesQuery)] == []
    assert [str(a) for a in ALL if not set(a.view.queries) <= set(a.view().allowed_methods)] == []


@pytest.mark.parametrize("address", ALL, ids=str)
def test_an_unknown_parameter_is_refused(ask: Any, address: Address) -> None:
    """The refusal names the parameter, whatever the method and whatever else is wrong."""
    _refused(ask(address, "surplus=1"), "surplus")
    _refused(ask(address, "surplus"), "surplus")
    _refused(ask(address, "page=2"), "page")


@pytest.mark.parametrize("address", ALL, ids=str)
def test_a_parameter_is_given_once(ask: Any, address: Address) -> None:
    """Which of two was meant is a guess."""
    for name in address.view.query_of(address.method)().fields:
        _refused(ask(address, f"{name}=1&{name}=1"), name)


# A value that each kind of parameter cannot take. `file` may be any text; a cursor and a file are looked up late.
BAD = {
    "page_size": "abc",
    "batch": "x",
    "state": "lost",
    "on_error": "ignore",
    "format": "xml",
    "on_same": "maybe",
    "show": "lost",
    "kind": "lost",
    "topic": "lost",
    "unread": "false",
    "order": "lost",
    "seed": "x",
    "reason": "lost",
    "sample": "x",
    "since": "yesterday",
    "until": "2026-13-01",
    "project": "x",
    "currency": "XXQ",
}
# Any text will do.
FREE = {"annotator", "cursor", "file", "script", "external_id", "key", "value", "question"}


@pytest.mark.parametrize("address", ALL, ids=str)
def test_a_bad_value_is_refused(ask: Any, address: Address) -> None:
    """By its parameter's name, and so is none."""
    names = set(address.view.query_of(address.method)().fields) - FREE
    assert names <= BAD.keys()
    for name in names:
        _refused(ask(address, f"{name}={BAD[name]}"), name)
        _refused(ask(address, f"{name}="), name)


def test_refusals_say_what_is_known(workspace_a: Tenant, project: Project) -> None:
    """The one who guessed a name finds the right one."""
    path = f"/api/v1/projects/{project.pk}/annotations/"
    for query in ("status=accepted", "page=2", "limit=1", "annotator=x"):
        answer = workspace_a.client.get(f"{path}?{query}")
        _refused(answer, query.partition("=")[0])
        assert "batch, cursor, page_size, state" in answer.json()["detail"]
    answer = workspace_a.client.get(f"{path}?status=accepted&limit=1&page_size=0")
    assert [error["field"] for error in answer.json()["errors"]] == ["status", "limit"]
    answer = workspace_a.client.post("/api/v1/projects/?dry_run=1", {"name": "x"})
    assert "this address takes none" in answer.json()["detail"]


def test_very_many_parameters(workspace_a: Tenant) -> None:
    """Refused in JSON, and briefly."""
    answer = workspace_a.client.get("/api/v1/projects/?" + "&".join(f"p{n}=1" for n in range(100)))
    assert answer.status_code == 400 and len(answer.json()["errors"]) == 20
    answer = workspace_a.client.get("/api/v1/projects/?" + "x" * 5000)
    assert answer.status_code == 400 and len(answer.content) < 500
    answer = workspace_a.client.get("/api/v1/projects/?" + "a&" * 5000)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_stranger_is_told_nothing_more(project: Project) -> None:
    """Authentication is checked first."""
    assert client_for().get("/api/v1/projects/?surplus=1").status_code == 401


@pytest.mark.parametrize("size", ["501", "1000", "0", "-1", "1.0"])
def test_a_page_size_out_of_bounds(workspace_a: Tenant, size: str) -> None:
    """A clamped page size would look like the end of the list."""
    _refused(workspace_a.client.get(f"/api/v1/projects/?page_size={size}"), "page_size")
    assert workspace_a.client.get("/api/v1/projects/?page_size=500").status_code == 200


def test_a_batch_of_another_project(
    workspace_a: Tenant, workspace_b: Tenant, project: Project, batch: Batch
) -> None:
    """A batch of another project or workspace, and an id of no batch, are refused in the same way."""
    path = f"/api/v1/projects/{project.pk}/annotations/?batch="
    others = [make_batch(make_project(tenant)).pk for tenant in (workspace_a, workspace_b)]
    answers = [workspace_a.client.get(f"{path}{one}") for one in (*others, project.pk)]
    for answer in answers:
        _refused(answer, "batch")
    assert len({answer.content for answer in answers}) == 1
    assert workspace_a.client.get(f"{path}{batch.pk}").status_code == 200


def test_what_is_documented_works(workspace_a: Tenant, annotators: list[Annotator]) -> None:
    """Formats of the document, and Swagger's script."""
    anybody = client_for()
    document = anybody.get("/api/v1/schema/?format=json")
    assert document["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert anybody.get("/api/v1/schema/?format=yaml").content.startswith(b"openapi:")
    assert b"SwaggerUIBundle(" in anybody.get("/api/v1/docs/?script=").content
    # Of every operation, the document shows what is checked.
    for address in ALL:
        if address.name in ("api_schema", "api_docs") or address.method == "HEAD":
            continue
        shown = _shown(document.json(), address)
        assert shown == set(address.view.query_of(address.method)().fields), address


def _shown(document: dict[str, Any], address: Address) -> set[str]:
    ids = str(address.path).replace("00000000-0000-0000-0000-000000000007", "{}")
    for path, operations in document["paths"].items():
        if re.sub(r"\{\w+\}", "{}", path) == ids.replace("guidelines/1/", "guidelines/{}/"):
            found = operations[address.method.lower()].get("parameters", [])
            return {one["name"] for one in found if one["in"] == "query"}
    raise AssertionError(f"{address} is not in the document")
