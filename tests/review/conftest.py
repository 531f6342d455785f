"""Fixtures of the tests of what annotators see of decisions."""

import uuid
from typing import Any

import pytest
from django.test import Client

from projects.items.models import Batch
from projects.review.models import SampleCheck
from tests.deciders import SLUG, make_platform
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.review.own import answer_of
from tests.review.samples import draw


@pytest.fixture
def ada(annotators: list[Annotator], batch: Batch) -> Annotator:
    """An annotator with a batch to work in."""
    return annotators[0]


@pytest.fixture
def browser(ada: Annotator) -> Client:
    """Ada's browser."""
    return browser_of(ada.user)


@pytest.fixture
def answer(ada: Annotator) -> uuid.UUID:
    """The id of an answer of Ada's."""
    return answer_of(ada)


@pytest.fixture
def platform(database: None, settings: Any) -> Tenant:
    """The platform's workspace, where appeals are decided."""
    settings.PLATFORM_WORKSPACE = SLUG
    return make_platform()


@pytest.fixture
def answers(batch: Batch, annotators: list[Annotator]) -> list[uuid.UUID]:
    """Five answers of each of three annotators."""
    made = [one.submit(one.lease() or {}) for _ in range(5) for one in annotators[:3]]
    return [uuid.UUID(one.json()["id"]) for one in made]


@pytest.fixture
def check(workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID]) -> SampleCheck:
    """Five of the fifteen: so many show, with 80 %, that at most 30 % are wrong, if none of them is."""
    return draw(workspace_a, batch)
