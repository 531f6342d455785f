"""A committed project that asks for calibration, for tests with several connections at once."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from projects.calibration.models import Round
from projects.calibration.services import marking, rounds, sweeping
from projects.work.models import Annotation
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests import databases
from tests.calibration import made
from tests.factories import make_workspace


class Asking:
    """A committed project with an open round."""

    def __init__(self) -> None:
        self.tenant = make_workspace("Race")
        self.project = made.make_asking_project(self.tenant)
        made.make_pool(self.project, 2 * made.ITEMS)

    def answers(self) -> list[Any]:
        with planes.in_workspace(self.tenant.pk):
            return list(Annotation.objects.order_by("pk").values_list("pk", flat=True))

    def close(self, opened: Round) -> None:
        with planes.in_workspace(self.tenant.pk):
            rounds.close_round(of=opened, actor_id=None)

    def sweep(self) -> int:
        """Decide the attempts in which nothing is left. Returns how many."""
        with planes.as_system(self.tenant.pk):
            return sweeping.decide_over().count

    def mark(self, ids: list[Any]) -> int:
        with planes.as_system(self.tenant.pk):
            return marking.mark_answers(annotation_ids=ids)


@pytest.fixture
def race(own_database: str) -> Iterator[Asking]:
    yield Asking()
    connection.close()
    assert invariants.sees_everything()
    assert [finding for finding in invariants.verify() if not finding.holds] == []


@pytest.fixture
def site(race: Asking) -> Iterator[None]:
    with databases.site_login():
        yield
