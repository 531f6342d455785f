"""What HTTP allows and we do not take: refused in words, and nothing changed."""

import io

from tests.api.unchanged import nothing_changes

PROJECTS = "/api/v1/projects/"


def test_a_body_in_chunks(workspace_a, project):
    """Django would take it for none, and the server does not tell whether all of it came."""
    chunks = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    for path in (PROJECTS, f"{PROJECTS}{project.pk}/exports/", "/api/v1/desk/lease/"):
        with nothing_changes():
            body = {"wsgi.input": io.BytesIO(b"{}"), "wsgi.input_terminated": True}
            response = workspace_a.client.generic(
                "POST", path, b"", content_type="application/json", **chunks, **body
            )
        assert (response.status_code, response.json()["code"]) == (411, "length_required")


def test_methods_that_are_not_there(workspace_a, project):
    """Odd methods give 405, never a server error, and reveal no URL that does not exist."""
    paths = (
        f"{PROJECTS}{project.pk}/agreement/",
        "/api/v1/docs/",
        "/api/v1/schema/",
        "/api/v1/desk/lease/",
    )
    for path in paths:
        for method in ("put", "patch", "delete", "options", "trace"):
            response = getattr(workspace_a.client, method)(path)
            assert response.status_code == 405, (method, path, response.content)
            assert "OPTIONS" not in response["Allow"]
