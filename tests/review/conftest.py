"""Fixtures of the tests of what annotators see of decisions."""

import uuid
from typing import Any

import pytest
from django.test import Client

from projects.items.models import Batch
from tests.deciders import SLUG, make_platform
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.review.own import answer_of


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
