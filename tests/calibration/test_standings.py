"""Who passed, who did not and who waits, as members and staff see it."""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from projects.plan.models import Project
from rlhfhub.tenancy.models import User
from tests.calibration import acts, made
from tests.calibration.reading import text_of
from tests.factories import Tenant, make_project
from tests.pages.conftest import browser_of
from tests.people import make_annotator, make_user

Deliver = Callable[[], int]


def test_the_projects_page_shows_the_funnel(owner: Client, root: str, asking: Project) -> None:
    page = f"{root}projects/{asking.pk}/"
    assert "No round was opened yet, so nobody can work on your data." in text_of(owner.get(page))
    made.open_round(asking)
    assert "0 annotators passed, and 1 is needed." in text_of(owner.get(page))


def test_members_see_who_did_not_pass(
    owner: Client, root: str, asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking)
    annotator = acts.failed(asking, deliver)
    assert "calibration not passed" in text_of(owner.get(f"{root}projects/{asking.pk}/"))
    page = f"{root}projects/{asking.pk}/quality/{annotator.enrollment.pseudonym}/"
    assert "calibration not passed" in text_of(owner.get(page))


def test_the_round_says_who_cannot_work(
    owner: Client, root: str, asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking, seats=2)
    acts.failed(asking, deliver)
    make_annotator(asking, "Runs")
    make_annotator(asking, "Waits")
    make_annotator(asking, "Waits too")
    page = text_of(owner.get(f"{root}rounds/{opened.pk}/"))
    assert (
        'These annotators of the project get no item now: <span class="strong">2</span> (waiting for a round), '
        '<span class="strong">1</span> (calibration not passed).'
    ) in page


def test_the_quality_page_shows_the_way_to_work(
    owner: Client, root: str, asking: Project, workspace_a: Tenant, deliver: Deliver
) -> None:
    made.open_round(asking, wait_hours=0)
    make_annotator(asking, "Ada")
    again = acts.failed(asking, deliver)
    acts.retake(again)
    acts.answer_until_decided(again, made.right, deliver)
    acts.passed(asking, deliver, "Cy")
    page = text_of(owner.get(f"{root}projects/{asking.pk}/quality/"))
    assert "Annotators from joining to work" in page and "Passed later" in page
    path = f"/api/v1/projects/{asking.pk}/quality/"
    found = workspace_a.client.get(path).json()["calibration"]
    stages = {stage["name"]: (stage["count"], stage["share"]) for stage in found["stages"]}
    assert stages == {
        "Joined": (3, None),
        "Began": (3, 1.0),
        "Passed at once": (1, 1 / 3),
        "Passed later": (1, 1 / 3),
        "Work now": (2, 2 / 3),
    }
    [line] = found["rounds"]
    assert line["funnel"] == {
        "began": 3, "running": 1, "passed": 2, "failed": 0, "left": 0, "passed_first": 1, "failed_first": 1,
        "left_first": 0, "retaken": 1, "passed_again": 1, "working": 2,
    }  # fmt: skip
    plain = make_project(workspace_a)
    none = workspace_a.client.get(f"/api/v1/projects/{plain.pk}/quality/").json()
    assert none["calibration"] is None


def test_staff_see_rounds_and_attempts_at_a_constant_cost(
    asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking, seats=6)
    annotator = acts.failed(asking, deliver)
    user = make_user("Staff")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    staff = browser_of(User.objects.get(pk=user.pk))
    lists = [f"/admin/projects_calibration/{model}/" for model in ("round", "attempt")]
    costs = []
    for _ in range(2):
        for address in lists:
            with CaptureQueriesContext(connection) as queries:
                page = text_of(staff.get(address))
            assert asking.name in page
            costs.append(len(queries))
        made.make_annotators(asking, 4)
    assert annotator.enrollment.pseudonym in page
    assert costs[:2] == costs[2:]
    assert staff.get(f"{lists[0]}add/").status_code == 403
