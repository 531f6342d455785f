"""A project that asks for calibration, with a pool for two attempts of the least size."""

import pytest
from django.test import Client

from projects.calibration import draws
from projects.plan.models import Project
from tests.calibration import made
from tests.factories import Tenant
from tests.pages.conftest import browser_of


@pytest.fixture
def asking(workspace_a: Tenant) -> Project:
    project = made.make_asking_project(workspace_a)
    made.make_pool(project, 2 * made.ITEMS)
    return project


@pytest.fixture
def one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody begins a round that is made in this test at its first item."""
    monkeypatch.setattr(draws, "starts_of", lambda *_: {0})


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


@pytest.fixture
def root(workspace_a: Tenant) -> str:
    return f"/w/{workspace_a.workspace.slug}/"
