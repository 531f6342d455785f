"""A project that asks for calibration, with a pool for two attempts of the least size."""

import pytest

from projects.plan.models import Project
from tests.calibration import made
from tests.factories import Tenant


@pytest.fixture
def asking(workspace_a: Tenant) -> Project:
    project = made.make_asking_project(workspace_a)
    made.make_pool(project, 2 * made.ITEMS)
    return project
