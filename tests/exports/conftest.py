"""A project whose five items were judged by three annotators."""

import pytest

from projects.items.models import Batch
from projects.plan.models import Project
from tests.exports.made import VERDICTS, accept_all, judge
from tests.factories import Tenant
from tests.people import Annotator


@pytest.fixture
def judged(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator]
) -> Tenant:
    judge(annotators, VERDICTS)
    return workspace_a


@pytest.fixture
def accepted(judged: Tenant) -> Tenant:
    accept_all(judged)
    return judged
