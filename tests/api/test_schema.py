"""The OpenAPI document: valid, complete, and true."""

import json
import re

import pytest
from django.core.management import call_command
from django.urls import get_resolver

from tests.people import client_for


@pytest.fixture(scope="module")
def document():
    """As it is served, without a key and without the database."""
    response = client_for().get(
        "/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}
    )
    assert response.status_code == 200
    return json.loads(response.content)


@pytest.mark.slow
def test_it_is_valid(tmp_path):
    """And nothing in it had to be guessed."""
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml")
    )


def test_every_route_is_in_it(document):
    """But for the document itself and its page."""
    routes = get_resolver("rlhfhub.urls_api").url_patterns
    assert len(document["paths"]) == len(routes) - 2


def test_every_operation_has_its_words_errors_and_key(document):
    """A description, the errors it may answer, and who may call it."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (path, method)
            assert operation["security"] == [{"apiKey": []}]
            error = operation["responses"]["default"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/Error"}
            takes_key = any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", []))
            assert takes_key == (method == "post" and "/desk/" not in path), (path, method)


def test_limited_writes_say_so(document):
    """How often, and what a client should wait for."""
    limited = {
        (path, method)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "429" in operation["responses"]
    }
    assert {path.split("/")[-2] for path, _ in limited} == {
        "items",
        "keys",
        "deposits",
        "refunds",
        "fund",
        "more-answers",
        "reserve",
        "reading",
        "top-ups",
        "exports",
    }
    assert {method for _, method in limited} == {"post"}
    for path, method in limited:
        answer = document["paths"][path][method]["responses"]["429"]
        assert "Retry-After" in answer["headers"] and "/" in answer["description"]
        assert answer["content"]["application/json"]["schema"]["$ref"].endswith("Error")


def test_the_page(client):
    """Shows the document, with what this site serves itself."""
    response = client.get("/api/v1/docs/")
    assert response.status_code == 200
    body = response.content.decode()
    script = re.search(r'<script src="(/api/v1/docs/[^"]+)"', body)
    assert script and "/api/v1/schema/" in client.get(script[1]).content.decode()
    assert "https://" not in body and "http://" not in body.replace("http://testserver", "")
