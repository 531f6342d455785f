"""Answers that enter the monitors, and decisions on alerts, at the same moment, under the site's real login."""

from functools import partial
from typing import Any

import pytest

from projects.items.models import Item
from projects.quality.alerts import services
from projects.quality.alerts.models import Alert
from projects.quality.alerts.tasks import follow_alerts
from projects.quality.monitors import entering, kept
from projects.quality.monitors.models import Monitor, Score
from projects.work.models import Annotation
from rlhfhub.events import dispatch
from rlhfhub.events.models import Delivery
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once, slowly
from tests.factories import make_batch, make_project
from tests.quality.made import make_long_batch, open_alert

pytestmark = pytest.mark.concurrency


def drain_by(limit: int) -> None:
    while dispatch.dispatch_once(limit):
        pass


def test_several_dispatchers_let_each_answer_enter_once(race: Race, site: None) -> None:
    project = make_project(race.tenant, overlap=3)
    make_batch(project, 12)
    for name in ("Ada", "Ben", "Cleo"):
        annotator = people.make_annotator(project, name)
        while lease := annotator.lease():
            assert annotator.submit(lease).status_code == 201
    at_once(*[partial(drain_by, 2)] * 4)
    dispatch.drain()
    with planes.in_workspace(race.tenant.pk):
        answers = Annotation.objects.count()
        for kind in ("time", "side", "labels", "agreement"):
            # The project's own monitor has scores too.
            of_people = Score.objects.filter(monitor__kind=kind).exclude(monitor__enrollment=None)
            assert of_people.count() == answers == 36
        for monitor in Monitor.objects.exclude(enrollment=None):
            assert monitor.seen == Score.objects.filter(monitor=monitor).count()
    with planes.as_system():
        assert Delivery.objects.count() == 0, "no handler failed"


def test_two_workers_with_the_same_items(
    race: Race, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits, and finds that everything has entered."""
    for _ in range(2):
        # Those of the first batch make the monitors, which would let the workers wait for each other too.
        dispatch.drain()
        race.batch(4)
        for annotator in race.annotators[:2]:
            while lease := annotator.lease():
                annotator.submit(lease)
    with planes.in_workspace(race.tenant.pk):
        items = list(Item.objects.values_list("pk", flat=True))
    monkeypatch.setattr(kept.Monitors, "save", slowly(kept.Monitors.save))

    def enter() -> Any:
        with planes.in_workspace(race.tenant.pk):
            return entering.enter(project_id=race.project.pk, item_ids=items)

    assert at_once(enter, enter, enter) == [[], [], []]
    with planes.in_workspace(race.tenant.pk):
        assert Score.objects.filter(monitor__kind="time").count() == 16


def test_one_alert_is_opened_by_many_fast_answers(race: Race, site: None) -> None:
    project = make_project(race.tenant, overlap=1)
    make_long_batch(project, 40)
    annotator = people.make_annotator(project, "Ada")
    while lease := annotator.lease():
        assert annotator.submit(lease).status_code == 201
    at_once(*[partial(drain_by, 3)] * 4)
    dispatch.drain()
    with planes.in_workspace(race.tenant.pk):
        assert Alert.objects.filter(kind="speed").count() == 1


def test_an_alert_is_decided_once(race: Race, site: None, as_owner: Any) -> None:
    """Two members and the clock at the same moment: one of them decides, and the others are told."""
    alert = open_alert(race.annotators[0])
    as_owner(
        "UPDATE projects_quality_alert SET opened_at = opened_at - interval '2 days', "
        "told_at = told_at - interval '2 days', lifts_at = lifts_at - interval '2 days'"
    )
    owner = race.tenant.owner.pk

    def decide(verb: Any) -> Any:
        with planes.in_workspace(race.tenant.pk, owner):
            return verb(alert=alert, note="Looked.", actor_id=owner)

    outcomes = at_once(
        partial(decide, services.uphold), partial(decide, services.lift), follow_alerts
    )
    with planes.in_workspace(race.tenant.pk):
        found = Alert.objects.get(pk=alert.pk)
    refused = [one for one in outcomes[:2] if isinstance(one, Refused)]
    assert found.state in ("upheld", "lifted")
    assert len(refused) == (2 if found.by == "clock" else 1)
    assert all(one.code == "decided" for one in refused)


def test_a_reply_and_a_decision_do_not_deadlock(race: Race, site: None) -> None:
    person = race.annotators[0]
    alert = open_alert(person)
    owner = race.tenant.owner.pk

    def answer() -> None:
        with planes.at_desk(person.user.pk, race.tenant.pk):
            services.reply(alert_id=alert.pk, enrollment_id=person.enrollment.pk, text="Mine.")

    def decide() -> None:
        with planes.in_workspace(race.tenant.pk, owner):
            services.uphold(alert=alert, note="Looked.", actor_id=owner)

    first, second = at_once(answer, decide)
    assert second is None or not isinstance(second, Exception)
    with planes.in_workspace(race.tenant.pk):
        found = Alert.objects.get(pk=alert.pk)
    assert found.state == "upheld"
    # The reply came before the decision and is kept, or it was refused.
    assert (found.reply == "Mine.") == (first is None)
