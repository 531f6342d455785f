"""A project whose guidelines take five minutes to read, with an open batch, and an annotator of it."""

import pytest

from projects.items.models import Batch
from projects.plan.models import Project
from tests import people
from tests.factories import Tenant, make_batch
from tests.people import Annotator
from tests.readings.made import make_long


@pytest.fixture
def project(workspace_a: Tenant) -> Project:
    return make_long(workspace_a, overlap=1)


@pytest.fixture
def batch(project: Project) -> Batch:
    return make_batch(project)


@pytest.fixture
def ada(project: Project, batch: Batch) -> Annotator:
    return people.make_annotator(project, "Ada")
