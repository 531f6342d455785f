"""Headers of a long upload are checked before its body is received: the server calls the site with both in turn."""

import io

import pytest
from django.test import Client
from django.urls import reverse

from projects.items.models import Item
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.roles import Role
from rlhfhub.web import bodies
from tests.api.unchanged import nothing_changes
from tests.api.uploads import GOOD, NDJSON, lines
from tests.factories import make_batch
from tests.people import make_member

LONG = 100 << 20


@pytest.fixture
def draft(project):
    """A batch that takes items."""
    return make_batch(project, items=0)


def _announce(client, path, kind=NDJSON, length=LONG, **environ):
    """The answer to the headers of an upload whose body has not come."""
    unread = {"wsgi.input": bodies.Unread(), bodies.STATE: bodies.State.ANNOUNCED}
    return client.generic(
        "POST", path, b"", content_type=kind, CONTENT_LENGTH=str(length), **unread, **environ
    )


def _items(batch):
    return f"/api/v1/batches/{batch.pk}/items/"


def _page(tenant, batch):
    return reverse("batch_import", args=[tenant.workspace.slug, batch.pk])


def test_a_good_one_is_wanted(workspace_a, draft):
    with nothing_changes():
        assert _announce(workspace_a.client, _items(draft)).status_code == 100
        # In chunks: its length is not known yet.
        chunks = {"HTTP_TRANSFER_ENCODING": "chunked"}
        assert _announce(workspace_a.client, _items(draft), length="", **chunks).status_code == 100


def test_a_bad_one_ends_here(workspace_a, workspace_b, draft, client_for, project, settings):
    ours, path = workspace_a.client, _items(draft)
    funded = make_batch(project)
    with nothing_changes():
        assert _announce(client_for(), path).status_code == 401
        assert _announce(workspace_b.client, path).status_code == 404
        assert _announce(ours, path, "application/xml").status_code == 415
        assert _announce(ours, path + "?on_error=ignore").status_code == 400
        assert _announce(ours, path, length=settings.IMPORT_MAX_BYTES + 1).status_code == 413
        assert _announce(ours, _items(funded)).status_code == 409


def test_an_upload_counts_once(workspace_a, draft, settings):
    settings.THROTTLES = {**settings.THROTTLES, "imports": "2/hour"}
    body = lines(GOOD)
    for _ in range(2):
        assert _announce(workspace_a.client, _items(draft)).status_code == 100
        wanted = {bodies.STATE: bodies.State.WANTED, "wsgi.input": io.BytesIO(body)}
        taken = workspace_a.client.generic(
            "POST",
            _items(draft),
            b"",
            content_type=NDJSON,
            CONTENT_LENGTH=str(len(body)),
            **wanted,
        )
        assert taken.status_code == 201, taken.content
    assert _announce(workspace_a.client, _items(draft)).status_code == 429


def test_the_page_judges_too(workspace_a, workspace_b, draft):
    path, form = _page(workspace_a, draft), "multipart/form-data; boundary=b"
    browser = Client()
    assert _announce(browser, path, form)["Location"].startswith("/accounts/login/")
    browser.force_login(workspace_b.owner)
    assert _announce(browser, path, form).status_code == 404
    browser.force_login(make_member(workspace_a.workspace, Role.VIEWER))
    assert _announce(browser, path, form).status_code == 403
    browser.force_login(workspace_a.owner)
    assert _announce(browser, path, form).status_code == 100
    with planes.in_workspace(workspace_a.pk):
        assert not Item.objects.exists()


def test_what_takes_no_uploads_refuses_a_long_body(workspace_a, project):
    exports = f"/api/v1/projects/{project.pk}/exports/"
    chunks = {"HTTP_TRANSFER_ENCODING": "chunked"}
    for client, path in ((workspace_a.client, exports), (Client(), "/accounts/login/")):
        assert _announce(client, path, "application/json").status_code == 413
        answer = _announce(client, path, "application/json", length="", **chunks)
        assert answer.status_code == 411
