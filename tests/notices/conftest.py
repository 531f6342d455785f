"""Fixtures of notices: kinds that only tests tell, and mails that are due at once and kept in memory."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from rlhfhub.notices import kinds
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic
from tests.notices.told import ALERTING, DECIDED, LOCAL_MEMORY


def _words(data: dict[str, Any]) -> Words:
    return Words(f"About {data['project']}", f"It is number {data['number']}.", reverse("home"))


@pytest.fixture(autouse=True)
def kinds_of_tests() -> Iterator[None]:
    """Register the kinds ALERTING and DECIDED for the test."""
    made = (Kind(ALERTING, Topic.ALERTS, _words), Kind(DECIDED, Topic.DECISIONS, _words))
    kinds.register(*made)
    yield
    for kind in made:
        kinds._registered.pop(kind.name)


@pytest.fixture
def mailed_at_once(settings: Any) -> None:
    """Notices are due for mail as soon as they are told; mails are kept in `django.core.mail.outbox`."""
    settings.NOTICE_MAIL_WAIT_SECONDS = 0
    settings.MAIL_BACKEND = LOCAL_MEMORY
    settings.SITE_URL = "https://hub.example"
