"""What tests of pages stand on: browsers of people, and figures that are counted anew each time."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.tenancy.models import User
from rlhfhub.web import costly
from tests import people
from tests.factories import Tenant

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costly, "SHARE", 0)


def browser_of(user: User | None = None, **options: Any) -> Client:
    """A browser in which `user` has signed in."""
    client = Client(**options)
    if user:
        client.force_login(user)
    return client


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    """The browser of workspace A's owner."""
    return browser_of(workspace_a.owner)


@pytest.fixture
def stranger(workspace_b: Tenant) -> Client:
    """The browser of somebody who owns workspace B and is nobody in A."""
    return browser_of(workspace_b.owner)


@pytest.fixture
def member(workspace_a: Tenant) -> Callable[[str], Client]:
    """`member("viewer")` is the browser of a member of A with that role."""
    return lambda role: browser_of(people.make_member(workspace_a.workspace, role))


@pytest.fixture
def addresses(workspace_a: Tenant, project: Project, batch: Batch) -> dict[str, str]:
    """The paths of workspace A's pages."""
    root = f"/w/{workspace_a.workspace.slug}/"
    mine = f"{root}projects/{project.pk}/"
    return {
        "workspace": root,
        "members": f"{root}members/",
        "keys": f"{root}keys/",
        "money": f"{root}money/",
        "project_new": f"{root}projects/new/",
        "project": mine,
        "project_agreement": f"{mine}agreement/",
        "guidelines": f"{mine}guidelines/",
        "review": f"{mine}review/",
        "exports": f"{mine}exports/",
        "batch": f"{root}batches/{batch.pk}/",
        "batch_progress": f"{root}batches/{batch.pk}/progress/",
    }
