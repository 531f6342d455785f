"""An annotator's own figures say what they count and when they move, and never contradict an alert about them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from projects.plan.models import Project
from projects.quality.alerts import services
from projects.quality.alerts.models import Alert
from projects.quality.own.models import OwnFigures
from rlhfhub.ground.moments import day_words
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_annotator
from tests.quality.made import open_alert

AGREES = "over the 12 answers since your first that others have given too"
WITHHELD = "not shown: an alert says that your newest answers differ"
GOLD_WITHHELD = "not shown: an alert is about your newest answers"


@pytest.fixture
def dan(project: Project) -> Annotator:
    """Somebody whose agreement of 88 % over 12 answers is shown since yesterday."""
    found = make_annotator(project, "Dan")
    row = found.enrollment
    with planes.in_workspace(row.workspace_id):
        OwnFigures.objects.create(
            workspace_id=row.workspace_id,
            project_id=row.project_id,
            enrollment=row,
            annotator_id=found.user.pk,
            agreement=0.88,
            agreement_low=0.6,
            agreement_high=0.97,
            compared=12,
            shown_on=timezone.now().date() - timedelta(days=1),
        )
    return found


def told(annotator: Annotator) -> tuple[str, dict[str, Any]]:
    """What the annotator's page says of their figures, and REST."""
    response = browser_of(annotator.user).get(reverse("how_i_do", args=[annotator.enrollment.pk]))
    page = " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
    path = f"/api/v1/desk/enrollments/{annotator.enrollment.pk}/how-i-do/"
    return page.split("My figures")[1], annotator.client.get(path).json()


def test_the_figure_says_what_it_counts_and_when_it_moves(dan: Annotator) -> None:
    page, rest = told(dan)
    today = timezone.now().date()
    assert "88 %" in page and AGREES in page
    assert f"It moves once 22 of your answers can be compared, on {day_words(today)} (UTC)" in page
    assert rest["agreement"]["compared"] == 12 and not rest["agreement_withheld"]


@pytest.mark.parametrize("kind", ["agreement", "guessing"])
def test_it_is_not_shown_beside_an_alert_that_it_would_contradict(
    workspace_a: Tenant, dan: Annotator, kind: str
) -> None:
    alert = open_alert(dan, kind)
    page, rest = told(dan)
    assert WITHHELD in page and "88 %" not in page
    assert rest["agreement"] is None and rest["agreement_withheld"]
    decide(workspace_a, alert, services.uphold)
    assert WITHHELD in told(dan)[0], "the figure is older than the decision"
    change("projects_quality_ownfigures", "shown_on = shown_on + 2")
    assert AGREES in told(dan)[0], "the figure has moved since"


def test_it_comes_back_when_the_alert_is_lifted(workspace_a: Tenant, dan: Annotator) -> None:
    decide(workspace_a, open_alert(dan), services.lift)
    assert AGREES in told(dan)[0]


def test_alerts_about_other_things_leave_it(dan: Annotator) -> None:
    open_alert(dan, "speed")
    page, rest = told(dan)
    assert AGREES in page and GOLD_WITHHELD not in page
    assert not rest["agreement_withheld"] and not rest["gold_withheld"]


def test_right_answers_are_withheld_beside_an_alert_about_them(dan: Annotator) -> None:
    open_alert(dan, "gold")
    page, rest = told(dan)
    assert AGREES in page and GOLD_WITHHELD in page
    assert rest["gold"] == [] and rest["gold_withheld"] and not rest["agreement_withheld"]


def test_an_alert_that_was_not_told_yet_changes_nothing(dan: Annotator) -> None:
    """Else the moment would tell which item was keyed."""
    open_alert(dan, "gold")
    change("projects_quality_alert", "told_at = told_at + interval '1 hour'")
    page, rest = told(dan)
    assert GOLD_WITHHELD not in page and not rest["gold_withheld"]


def decide(tenant: Tenant, alert: Alert, verdict: Any) -> None:
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        verdict(alert=alert, note="Rule R2.", actor_id=tenant.owner.pk)


def change(table: str, how: str) -> None:
    """Change all rows of a table, as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {how}")
