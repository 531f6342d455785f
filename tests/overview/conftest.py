"""A project with answers of every sort, and its owner's browser."""

from collections.abc import Callable

import pytest
from django.test import Client

from projects.items.models import Batch
from projects.quality.tasks import refresh
from tests.exports.made import VERDICTS, judge
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    """The browser of workspace A's owner."""
    return browser_of(workspace_a.owner)


@pytest.fixture
def judged(
    workspace_a: Tenant,
    batch: Batch,
    annotators: list[Annotator],
    deliver: Callable[[], int],
) -> Batch:
    """A batch whose items are answered by VERDICTS, with agreement computed."""
    judge(annotators, VERDICTS)
    deliver()
    refresh()
    return batch
