"""An alert about speed says how long answers took and how long they should, and doubts no answer that took its time."""

import re
from typing import Any

import pytest
from django.urls import reverse

from projects.plan.models import Project
from projects.quality.alerts import affected, selectors, words
from projects.quality.alerts.evidence import Evidence, Point, too_fast_after
from projects.quality.alerts.models import Alert
from projects.quality.monitors.models import Score
from projects.quality.monitors.signs import Fast
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from rlhfhub.web.templatetags.amounts import duration
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator, age
from tests.quality.made import make_long_batch


@pytest.fixture
def alert(project: Project, annotators: list[Annotator], deliver: Any) -> Alert:
    """Ada takes a minute for two answers, milliseconds for ten, and a minute for one after the alert."""
    make_long_batch(project, 15)
    ada = annotators[0]
    for at in range(14):
        lease = ada.lease() or {}
        if at in (0, 1, 12):
            age(lease, minutes=1)
        assert ada.submit(lease, 0).status_code == 201
    deliver()
    with planes.in_workspace(project.workspace_id):
        found: Alert = Alert.objects.select_related("enrollment", "project__form").get(kind="speed")
    return found


def test_only_answers_that_were_too_fast_are_in_doubt(alert: Alert) -> None:
    evidence = Evidence.restore(alert.evidence)
    assert (evidence.at, evidence.since) == (10, 2), "the first answer that was too fast is the 3rd"
    with planes.in_workspace(alert.workspace_id):
        rows = Annotation.objects.filter(enrollment=alert.enrollment).order_by("pk")
        mine = list(rows.values_list("pk", flat=True))
        found = set(affected.answers(alert).values_list("pk", flat=True))
    slow = {mine[0], mine[1], mine[12]}
    assert found == set(mine) - slow, "the fast one after the alert is in doubt too"


def test_what_enters_is_the_share_of_the_least_time(alert: Alert) -> None:
    with planes.in_workspace(alert.workspace_id):
        rows = Score.objects.filter(monitor__kind="time", monitor__enrollment=alert.enrollment)
        values = [row.value for row in rows.order_by("number")]
    assert all(value is not None for value in values)
    assert [n for n, value in enumerate(values) if value and value >= 1] == [0, 1, 12]


def test_the_page_shows_the_times_beside_what_is_expected(
    workspace_a: Tenant, alert: Alert
) -> None:
    owner = browser_of(workspace_a.owner)
    html = owner.get(reverse("alert", args=[workspace_a.workspace.slug, alert.pk])).content.decode()
    page = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "Half of the newest 10 answers took" in page and "for texts of about 5" in page
    assert "too fast from answer 3 on" in page and "Below 100 % an answer is too fast" in page
    assert "slower ones are left out" in page
    assert 'id="chart-times' in html and "How near to an alert" not in page
    section = html.split('id="affected-title"')[1].split("</section>")[0]
    assert len(re.findall(r"at least \d+ s expected", section)) == 11
    row = workspace_a.client.get(f"/api/v1/alerts/{alert.pk}/answers/").json()["results"][0]
    assert row["least_seconds"] > 20 > row["seconds"]
    fast = workspace_a.client.get(f"/api/v1/alerts/{alert.pk}/").json()["evidence"]["fast"]
    assert fast["answers"] == 10 and fast["usual_seconds"] is None


def test_the_words_tell_measured_and_expected_times() -> None:
    evidence = Evidence(signs=("impossible",), fast=Fast(10, 0.42, 600.0, 35.2))
    title = words.title("speed", "ann-1", evidence)
    assert title.startswith("ann-1 answers suspiciously fast, in about 0.4 s for 600 words: faster")
    told = words.rests_on("speed", evidence)
    assert "took 0.4 s or less, for texts of about 600 words" in told
    assert "they take 24 s; usual in this project are 35 s." in told


@pytest.mark.parametrize(
    ("values", "since", "after"),
    [
        ([5, 5, 0.1, 0.1, 0.1], 3, 2),
        ([5, 5, 0.1, 3, 0.1], 3, 4),
        ([0.1, 0.1, 0.1], 2, 0),
        ([5, 0.1, 5, 0.1, 5], 0, 1),
        ([5, 5], 0, 0),
    ],
)
def test_where_too_fast_answers_begin(values: list[float], since: int, after: int) -> None:
    series = [Point(number, value, 0.0) for number, value in enumerate(values, 1)]
    assert too_fast_after(series, since) == after


def test_a_watch_begins_anew_after_its_alert_and_the_page_says_so(
    workspace_a: Tenant, alert: Alert
) -> None:
    with planes.in_workspace(alert.workspace_id):
        who = alert.enrollment
        assert who is not None
        assert selectors.watch_of(who).monitors
    path = reverse(
        "annotator_quality", args=[workspace_a.workspace.slug, alert.project_id, who.pseudonym]
    )
    assert (
        "After an alert a watch starts anew"
        in browser_of(workspace_a.owner).get(path).content.decode()
    )


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (0.02, "under 0.1 s"),
        (0.33, "0.3 s"),
        (9.5, "9.5 s"),
        (9.97, "10 s"),
        (4, "4 s"),
        (61.4, "1 min 1 s"),
    ],
)
def test_a_short_time_has_a_decimal(seconds: float, told: str) -> None:
    assert duration(seconds) == told
