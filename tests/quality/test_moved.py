"""An alert about a whole project: what was measured, and which answers it puts in doubt."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.items.models import Item
from projects.plan.models import Project
from projects.quality.alerts import affected, opening, selectors, services
from projects.quality.alerts.comparison import Given
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from projects.quality.monitors.models import Monitor, MonitorKind, Score
from projects.quality.monitors.signs import Alarm
from projects.review.models import Flag
from projects.work.models import Annotation, Purpose
from rlhfhub.tenancy import planes
from tests import gold
from tests.exports.made import judge
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.quality.test_monitors import VERDICTS


def whole(project: Project) -> Monitor:
    """The monitor of the project's own agreement. Workspace plane."""
    return Monitor.objects.get(project=project, enrollment=None, kind=MonitorKind.AGREEMENT)


@pytest.fixture
def alert(project: Project, batch: Any, annotators: list[Annotator], deliver: Any) -> Alert:
    """An alert as an alarm of the project's monitor opens it, for a change after the third of five items."""
    judge(annotators, VERDICTS)
    deliver()
    with planes.in_workspace(project.workspace_id):
        monitor = whole(project)
        newest = Score.objects.filter(monitor=monitor).latest("number")
        [found] = opening.open_for([Alarm(monitor, "moved", newest.annotation_id, monitor.seen, 3)])
        return found


def test_the_first_answer_to_each_item_enters(
    workspace_a: Tenant, project: Project, alert: Alert
) -> None:
    with planes.in_workspace(workspace_a.pk):
        scores = list(Score.objects.filter(monitor=whole(project)).order_by("number"))
        firsts = [
            Annotation.objects.filter(item=item).earliest("pk").pk
            for item in Item.objects.filter(batch__project=project)
        ]
        mine = Score.objects.filter(monitor__kind="agreement", monitor__enrollment__isnull=False)
        theirs = dict(mine.values_list("annotation_id", "value"))
    assert [score.number for score in scores] == [1, 2, 3, 4, 5]
    assert {score.annotation_id for score in scores} == set(firsts)
    assert all(score.value == theirs[score.annotation_id] for score in scores)
    points = Evidence.restore(alert.evidence).points
    assert [(one.number, one.value, one.level) for one in points] == [
        (score.number, score.value, score.level) for score in scores
    ]
    assert alert.evidence["a_day"] == 5, "items, of which there are five"


def test_everybodys_answers_for_data_since_then_are_in_doubt(
    workspace_a: Tenant, project: Project, alert: Alert, annotators: list[Annotator]
) -> None:
    batch = make_batch(project, 1, first=100, plan=gold.PLAN)
    with planes.in_workspace(workspace_a.pk):
        keyed = gold.make_keyed(Item.objects.filter(batch=batch).select_related("project").get())
    gold.add_slots(batch, [keyed], Purpose.GOLD)
    while lease := annotators[0].lease():
        assert annotators[0].submit(lease, 0).status_code == 201
    with planes.in_workspace(workspace_a.pk):
        first = Score.objects.get(monitor=whole(project), number=4).annotation_id
        found = list(affected.answers(alert).order_by("pk"))
        everything = Annotation.objects.filter(purpose=Purpose.DATA, pk__gte=first).order_by("pk")
        assert found == list(everything) and {row.purpose for row in found} == {"data"}
        assert len({row.enrollment_id for row in found}) == 3
        assert affected.counts(alert).all == len(found)
        items = [item for ids in affected.items_by_batch(alert).values() for item in ids]
        assert set(items) == {row.item_id for row in found}
        assert len(items) == len(set(items)) < len(found), "each item once"


def test_each_answer_is_shown_beside_those_of_the_others(
    workspace_a: Tenant, alert: Alert, annotators: list[Annotator]
) -> None:
    with planes.in_workspace(workspace_a.pk):
        row = Alert.objects.select_related("enrollment", "project__form").get(pk=alert.pk)
        rows = list(Annotation.objects.filter(item__external_id="item-2").select_related("lease"))
        compared = selectors.compared_with_others(row, rows)
    told = {
        one.annotation.enrollment_id: (one.questions[0].answer, one.questions[0].others)
        for one in compared
    }
    assert [told[one.enrollment.pk] for one in annotators] == [
        ("A is better", [Given("A is better", 1), Given("B is better", 1)]),
        ("A is better", [Given("A is better", 1), Given("B is better", 1)]),
        ("B is better", [Given("A is better", 2)]),
    ]


def test_the_page_names_each_annotator_and_says_what_was_measured(
    workspace_a: Tenant, alert: Alert, annotators: list[Annotator]
) -> None:
    owner: Client = browser_of(workspace_a.owner)
    html = owner.get(reverse("alert", args=[workspace_a.workspace.slug, alert.pk])).content.decode()
    page = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "Of each item the first answer was measured" in page
    assert "The chart shows 5 items that several people have answered" in page
    assert "agree less since item 3" in page and "How near to an alert, by item" in page
    section = html.split('id="affected-title"')[1].split("</section>")[0]
    assert all(one.enrollment.pseudonym in section for one in annotators)
    assert "Ask other annotators" in section and "recalibrate" not in html.split("decide-title")[-1]
    told = workspace_a.client.get(f"/api/v1/alerts/{alert.pk}/").json()
    rows = workspace_a.client.get(f"/api/v1/alerts/{alert.pk}/answers/").json()["results"]
    assert told["annotator"] is None and told["affected"] == len(rows) > 3
    assert {row["annotator"] for row in rows} == {one.enrollment.pseudonym for one in annotators}


def test_upheld_it_puts_the_answers_first_in_the_reviews(workspace_a: Tenant, alert: Alert) -> None:
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        ids = set(affected.answers(alert).values_list("pk", flat=True))
        services.uphold(
            alert=alert, note="New items.", actor_id=workspace_a.owner.pk, flag_answers=True
        )
        flags = Flag.objects.all()
        assert {flag.annotation_id for flag in flags} == ids
        assert {flag.reason for flag in flags} == {"moved"}
