"""What an annotator may not do or see: clear themself, or learn of keys and hits before the verdict."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.conf import settings

from projects.calibration import own
from projects.calibration.models import Mark
from projects.items.keys import services as keys
from projects.items.models import Key
from projects.plan.models import GuidelineVersion, Project
from projects.work.models import Slot
from rlhfhub.ground.dsn import database as parse_dsn
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests import databases, people
from tests.calibration import made
from tests.factories import make_workspace, publish_guidelines
from tests.people import Annotator
from tests.security.eyes import attempt, in_plane

Deliver = Callable[[], int]
_CLEARED = (
    "INSERT INTO projects_enrollment_clearance (id, workspace_id, enrollment_id, guideline_version_id, phase, "
    "batch_id, cleared_at) "
    "VALUES (gen_random_uuid(), %(workspace)s, %(enrollment)s, %(version)s, %(phase)s, %(batch)s, now())"
)


class Asking:
    """A committed project with an open round, and an annotator in the middle of their attempt."""

    def __init__(self) -> None:
        self.tenant = make_workspace("Asking")
        self.project: Project = made.make_asking_project(self.tenant)
        made.make_pool(self.project, 2 * made.ITEMS)
        self.round = made.open_round(self.project)
        self.annotator: Annotator = people.make_annotator(self.project, "Ada")
        made.answer(self.annotator, made.right, most=3)

    def version(self) -> Any:
        with planes.in_workspace(self.tenant.pk):
            return GuidelineVersion.objects.filter(project=self.project).latest("number").pk

    def facts(self, **more: Any) -> dict[str, Any]:
        return {
            "workspace": self.tenant.pk,
            "enrollment": self.annotator.enrollment.pk,
            "version": self.version(),
            "phase": "main",
            "batch": None,
        } | more

    @property
    def ids(self) -> dict[str, Any]:
        return {
            "workspace": self.tenant.pk,
            "person": self.annotator.user.pk,
            "project": self.project.pk,
        }


@pytest.fixture
def world(own_database: str) -> Asking:
    return Asking()


@pytest.fixture
def site(world: Asking) -> Any:
    """The site's own login."""
    with databases.site_login():
        login = parse_dsn(settings.DATABASE_URL)
        with databases.connected(
            user=login["USER"], password=login["PASSWORD"] or None, autocommit=True
        ) as connected:
            yield connected


def test_nobody_clears_themself(world: Asking, site: psycopg.Connection) -> None:
    """Not for main work, not for another batch, and not by a minor version of what they never had."""
    publish_guidelines(world.project, "A comma.", "minor")
    with in_plane(site, Plane.ANNOTATOR, **world.ids) as cursor:
        for more in (
            {},
            {"phase": "calibration", "batch": world.round.retake_batch_id},
            {"phase": "calibration"},
        ):
            with (
                pytest.raises(psycopg.errors.CheckViolation, match="cannot clear"),
                attempt(cursor),
            ):
                cursor.execute(_CLEARED, world.facts(**more))
        with attempt(cursor):  # what the desk does: the same, for the minor version
            cursor.execute(_CLEARED, world.facts(phase="calibration", batch=world.round.batch_id))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE projects_enrollment_clearance SET batch_id = NULL",
        "UPDATE projects_enrollment_enrollment SET state = 'active'",
        "SELECT calibration_begin(%(enrollment)s, 'retake')",
        "SELECT calibration_undo(%(enrollment)s, 'x', now())",
        "SELECT door_calibrate(%(enrollment)s, 'alert')",
        "SELECT door_calibration_waiting(NULL, false, 1)",
        "SELECT door_uncalibrate(%(enrollment)s, 'x', NULL)",
        *(
            f"SELECT id FROM projects_calibration_{table}"
            for table in ("round", "rounditem", "attempt", "mark")
        ),
        "SELECT answer FROM projects_items_key",
    ],
)
@pytest.mark.slow
def test_an_annotator_touches_none_of_it(
    world: Asking, site: psycopg.Connection, statement: str
) -> None:
    with (
        in_plane(site, Plane.ANNOTATOR, **world.ids) as cursor,
        pytest.raises(psycopg.errors.Error),
        attempt(cursor),
    ):
        cursor.execute(statement, world.facts())


def test_members_pass_nobody(world: Asking, site: psycopg.Connection) -> None:
    with in_plane(site, Plane.WORKSPACE, workspace=world.tenant.pk) as cursor:
        for statement in (
            _CLEARED,
            "UPDATE projects_calibration_attempt SET state = 'passed', decided_at = now()",
            "UPDATE projects_enrollment_clearance SET batch_id = NULL",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), attempt(cursor):
                cursor.execute(statement, world.facts())


def test_the_system_counts_nothing_that_is_not_marked(
    world: Asking, site: psycopg.Connection
) -> None:
    with (
        in_plane(site, Plane.SYSTEM) as cursor,
        pytest.raises(psycopg.errors.RestrictViolation, match="counts its marks"),
        attempt(cursor),
    ):
        cursor.execute(
            "UPDATE projects_calibration_attempt SET state = 'passed', seen = 11, hits = 11, decided_at = now()"
        )


def test_no_lease_outside_the_clearances_batch(world: Asking, site: psycopg.Connection) -> None:
    """The slot of the second attempt is open and of their project, and still is not theirs."""
    with planes.in_workspace(world.tenant.pk):
        slot = Slot.objects.filter(batch=world.round.retake_batch_id, state="open").earliest("seq")
    values = [slot.pk, slot.item_id, world.annotator.enrollment.pk, world.annotator.user.pk]
    with (
        in_plane(site, Plane.ANNOTATOR, **world.ids) as cursor,
        pytest.raises(psycopg.errors.CheckViolation, match="for calibration its batch"),
        attempt(cursor),
    ):
        cursor.execute(
            "INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, "
            "annotator_id, form_id, guideline_version_id, phase, seed, shown, keys, leased_at, expires_at, "
            "return_reason, return_note) "
            "SELECT gen_random_uuid(), p.workspace_id, p.id, %s, %s, %s, %s, p.form_id, p.guideline_version_id, "
            "'calibration', 1, '{0,1}', '{k,l}', clock_timestamp(), clock_timestamp(), '', '' "
            "FROM projects_plan_project p WHERE p.id = %s",
            [*values, world.project.pk],
        )


@pytest.mark.slow
def test_hits_and_keys_come_with_the_verdict(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator, other = made.make_annotators(asking, 2)
    made.answer(annotator, made.wrong, most=2)
    deliver()
    path = f"/api/v1/desk/enrollments/{annotator.enrollment.pk}/calibration/"
    before = annotator.client.get(path).json()
    [running] = before["attempts"]
    assert (before["step"], running["done"], running["score"]) == ("answer", 2, None)
    feedback = f"{path}{running['id']}/"
    assert annotator.client.get(feedback).status_code == 404
    made.answer(annotator, made.wrong)
    deliver()
    after = annotator.client.get(path).json()
    assert after["step"] == "wait"
    assert after["attempts"][0]["score"]["hits"] == 0
    lines = annotator.client.get(feedback).json()["results"]
    assert len(lines) == made.ITEMS
    for line in lines:
        assert line["hit"] is False
        assert line["note"] == "So."
        assert line["key"] and line["own"] and line["key"] != line["own"]
        assert line["responses"] and line["prompt"][0]["content"].startswith("Keyed")
    assert [line["number"] for line in lines] == list(range(1, made.ITEMS + 1))
    # Somebody else's attempt is as one that does not exist.
    assert other.client.get(feedback).status_code == 404
    theirs = f"/api/v1/desk/enrollments/{other.enrollment.pk}/calibration/{running['id']}/"
    assert other.client.get(theirs).status_code == 404


@pytest.mark.slow
def test_what_somebody_can_do_is_told_to_them_alone(asking: Project) -> None:
    """Neither at the door to another person, nor at the desk to who says to be that person."""
    made.open_round(asking)
    annotator, other = made.make_annotators(asking, 2)
    ids = [annotator.enrollment.pk]
    with planes.at_door():
        assert own.steps_of(annotator.user.pk, ids)[ids[0]].step == "answer"
        assert own.steps_of(other.user.pk, ids) == {}
    with planes.at_desk(other.user.pk, asking.workspace_id, asking.pk):
        assert own.steps_of(annotator.user.pk, ids) == {}


def test_a_retired_key_judges_nobody(asking: Project, deliver: Deliver) -> None:
    """Found wrong in the middle of a round: the answers after that count as nothing."""
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    with planes.in_workspace(asking.workspace_id):
        for key in Key.objects.filter(by="Ann"):
            keys.retire(key=key, because="It is wrong.", actor_id=None)
    made.answer(annotator, made.wrong)
    deliver()
    found = made.attempt_of(annotator)
    assert (found.state, found.seen) == ("left", 0)
    assert "0 of your answers could be judged, and a verdict needs 18" in found.why
    with planes.in_workspace(asking.workspace_id):
        assert set(Mark.objects.values_list("hit", "counted")) == {(None, False)}
