"""Upholding an alert with a recalibration: what keeps it from beginning is said before, in words for members."""

from collections.abc import Callable

from django.test import Client

from projects.plan.models import Project
from projects.quality.alerts import opening
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from rlhfhub.tenancy import clock, planes
from tests.calibration import acts, made
from tests.calibration.conftest import asking as asking
from tests.calibration.conftest import owner as owner
from tests.calibration.reading import text_of
from tests.factories import Tenant, publish_guidelines
from tests.people import Annotator

Deliver = Callable[[], int]
DECISION = {"verdict": "uphold", "note": "Many were wrong.", "recalibrate": "on"}
NO_ROUND = "No round is open whose items are all new to this annotator."
LATER = "This annotator has not accepted the guidelines in force yet, and calibrates when they do."


def alert_about(annotator: Annotator) -> Alert:
    row = annotator.enrollment
    with planes.in_workspace(row.workspace_id):
        return opening.add(
            workspace_id=row.workspace_id,
            project_id=row.project_id,
            enrollment_id=row.pk,
            kind="agreement",
            evidence=Evidence(at=2),
            now=clock.now(),
        )


def box(page: str) -> str:
    return page.split('name="recalibrate"')[1].split(">")[0]


def test_the_box_is_disabled_with_the_reason_while_no_round_is_open(
    workspace_a: Tenant, owner: Client, asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking)
    annotator = acts.passed(asking, deliver)
    alert = alert_about(annotator)
    page = f"/w/{workspace_a.workspace.slug}/alerts/{alert.pk}/"
    rest = f"/api/v1/alerts/{alert.pk}/"
    shown = text_of(owner.get(page))
    assert "disabled" not in box(shown) and NO_ROUND not in shown
    assert workspace_a.client.get(rest).json()["recalibration"] == {
        "is_possible": True,
        "follows": False,
        "words": "",
    }
    owner.post(f"/w/{workspace_a.workspace.slug}/rounds/{opened.pk}/close/")
    shown = text_of(owner.get(page))
    assert "disabled" in box(shown) and NO_ROUND in shown
    told = workspace_a.client.get(rest).json()["recalibration"]
    assert not told["is_possible"] and told["words"].startswith(NO_ROUND)
    stale = owner.post(f"{page}decide/", DECISION)
    assert stale.status_code == 422 and NO_ROUND in text_of(stale)
    refused = workspace_a.client.post(f"{rest}decide/", DECISION | {"recalibrate": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_round")
    assert NO_ROUND in refused.json()["detail"]


def test_an_alert_is_upheld_before_its_annotator_accepts_new_rules(
    workspace_a: Tenant, owner: Client, asking: Project, deliver: Deliver
) -> None:
    """They calibrate when they accept, as everybody does after a major version."""
    made.open_round(asking)
    annotator = acts.passed(asking, deliver)
    alert = alert_about(annotator)
    publish_guidelines(asking, "# Be fairer", "major")
    page = f"/w/{workspace_a.workspace.slug}/alerts/{alert.pk}/"
    shown = text_of(owner.get(page))
    assert "disabled" not in box(shown) and LATER in shown
    after = text_of(owner.post(f"{page}decide/", DECISION, follow=True))
    assert "Upheld." in after and LATER in after
    assert f"Upheld by <bdi>{workspace_a.owner.name}</bdi> on" in after
    assert acts.accept(annotator).state == "calibrating"


def test_the_same_by_rest(workspace_a: Tenant, asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = acts.passed(asking, deliver)
    path = f"/api/v1/alerts/{alert_about(annotator).pk}/decide/"
    publish_guidelines(asking, "# Be fairer", "major")
    done = workspace_a.client.post(path, DECISION | {"recalibrate": True})
    assert done.status_code == 200, done.content
    assert (done.json()["state"], done.json()["recalibration"]["words"]) == ("upheld", LATER)
    assert done.json()["swapped_at"] is None
