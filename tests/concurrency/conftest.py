"""Fixtures of the races: a database of their own and the site's real login. Every invariant must hold afterwards."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, connections

from billing.funding import services as funding
from billing.funding.models import Funding
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests import databases, people
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.people import Annotator


class Race:
    """A paid project, its annotators, and the owner's login."""

    def __init__(self) -> None:
        target = connections["default"].settings_dict
        self.login = {"user": target["USER"], "password": target["PASSWORD"] or None}
        self.numbered = 0
        self.tenant: Tenant = make_workspace("Race")
        self.project: Project = make_project(self.tenant, overlap=2, auto_accept_hours=1)
        self.annotators: list[Annotator] = [
            people.make_annotator(self.project, f"Racer {number}") for number in range(4)
        ]
        for one in self.annotators:
            # The first use of a key updates its row, where two requests would wait for each other.
            assert one.client.get("/api/v1/desk/enrollments/").status_code == 200

    def batch(self, items: int = 5, **fields: object) -> Batch:
        """Create a batch of the project; its items are numbered after those of earlier batches."""
        self.numbered += items
        return make_batch(self.project, items, first=self.numbered - items + 1, **fields)

    def fund(self, batch: Batch) -> Funding:
        """Start the batch's funding run."""
        with planes.in_workspace(self.tenant.pk):
            return funding.start(batch=batch, actor_id=None)


@pytest.fixture
def race(own_database: str) -> Race:
    """A project and annotators, committed to a database of this test."""
    return Race()


@pytest.fixture
def site(race: Race) -> Iterator[None]:
    """Make Django use the site's real login for the rest of the test."""
    with databases.site_login():
        yield


@pytest.fixture
def as_owner(race: Race) -> Iterator[Callable[[str], list[tuple[object, ...]]]]:
    """`as_owner(sql)` runs SQL as the owner with triggers disabled, for instance to move a time into the past."""

    def run(statement: str, *values: object) -> list[tuple[object, ...]]:
        with databases.connected(**race.login) as owner, owner.transaction():
            # Only our own triggers are disabled; foreign keys and unique indexes still apply.
            for table in ("projects_work_lease", "projects_work_annotation"):
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor = owner.execute(statement, values)
            rows = cursor.fetchall() if cursor.description else []
            for table in ("projects_work_lease", "projects_work_annotation"):
                owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return rows

    yield run


@pytest.fixture(autouse=True)
def _everything_still_holds(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check every invariant after each race, as the owner."""
    if "race" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("race")
    yield
    connection.close()
    assert invariants.sees_everything()
    broken = [finding for finding in invariants.verify() if not finding.holds]
    assert broken == []
