"""An alert is opened once, decided once by a member who is not its subject, and lifts itself when nobody decides."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from projects.plan.models import Project
from projects.quality.alerts import actions, affected, opening, services
from projects.quality.alerts.evidence import Evidence, Point, changed_after, thinned
from projects.quality.alerts.models import Alert
from projects.quality.alerts.tasks import follow_alerts
from projects.quality.monitors.models import Monitor, MonitorKind
from projects.quality.monitors.signs import Alarm
from projects.review.models import Flag
from projects.work.models import Annotation
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import AuditEntry
from tests.exports.made import judge
from tests.factories import Tenant
from tests.people import Annotator
from tests.quality.test_monitors import VERDICTS


@pytest.fixture
def alert(project: Project, batch: Any, annotators: list[Annotator], deliver: Any) -> Alert:
    """An alert which says that Ada agrees less with the others since her second answer."""
    judge(annotators, VERDICTS)
    deliver()
    return opened(annotators[0], "agreement", since=2)


def opened(
    annotator: Annotator, kind: Any, *, since: int = 0, by: MonitorKind = MonitorKind.AGREEMENT
) -> Alert:
    """Open an alert as an alarm of the annotator's monitor does."""
    row = annotator.enrollment
    with planes.in_workspace(row.workspace_id):
        monitor = Monitor.objects.get(enrollment=row, kind=by)
        newest = Annotation.objects.filter(enrollment=row).latest("pk")
        [found] = opening.open_for([Alarm(monitor, kind, newest.pk, monitor.seen, since)])
        return found


def read(alert: Alert) -> Alert:
    with planes.in_workspace(alert.workspace_id):
        return Alert.objects.get(pk=alert.pk)


def age(alert: Alert, hours: int) -> None:
    """Move the alert into the past, as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_quality_alert SET opened_at = opened_at - %(t)s, told_at = told_at - %(t)s, "
            "lifts_at = lifts_at - %(t)s WHERE id = %(id)s",
            {"t": timedelta(hours=hours), "id": alert.pk},
        )


def test_it_has_its_evidence(
    workspace_a: Tenant, alert: Alert, annotators: list[Annotator]
) -> None:
    evidence = Evidence.restore(read(alert).evidence)
    assert (evidence.at, evidence.since) == (5, 2)
    assert [point.number for point in evidence.points] == [1, 2, 3, 4, 5]
    assert evidence.before is not None and evidence.after is not None
    assert evidence.a_day == 15, "all came within a day"
    with planes.in_workspace(workspace_a.pk):
        mine = list(Annotation.objects.filter(enrollment=annotators[0].enrollment).order_by("pk"))
        assert [row.pk for row in affected.answers(alert).order_by("pk")] == [
            row.pk for row in mine[2:]
        ]
        items = affected.items_by_batch(alert)
        assert [set(found) for found in items.values()] == [{row.item_id for row in mine[2:]}]


def test_one_of_a_kind_is_open_at_a_time(alert: Alert, annotators: list[Annotator]) -> None:
    row = annotators[0].enrollment
    with planes.in_workspace(row.workspace_id):
        monitor = Monitor.objects.get(enrollment=row, kind=MonitorKind.AGREEMENT)
        again = Alarm(monitor, "agreement", uuid.uuid4(), 5, 2)
        assert opening.open_for([again]) == []
        with pytest.raises(DatabaseError, match="alert_open_once"), transaction.atomic():
            opening._open(monitor, again)
    assert opened(annotators[0], "guessing").kind == "guessing"


def test_a_member_upholds_with_a_note_and_flags_the_answers(
    workspace_a: Tenant, alert: Alert
) -> None:
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        with pytest.raises(Refused, match="note"):
            services.uphold(alert=alert, note=" ", actor_id=workspace_a.owner.pk)
        services.uphold(
            alert=alert, note="Rule R2.", actor_id=workspace_a.owner.pk, flag_answers=True
        )
        for decide in (services.uphold, services.lift):
            with pytest.raises(Refused) as refused:
                decide(alert=alert, note="Again.", actor_id=workspace_a.owner.pk)
            assert refused.value.status == 409
        flags = Flag.objects.filter(project=alert.project_id)
        assert {(flag.reason, flag.weight) for flag in flags} == {("drift", 5)} and len(flags) == 3
        assert AuditEntry.objects.filter(verb="alert.upheld", subject=str(alert.pk)).exists()
    found = read(alert)
    assert (found.state, found.by, found.note) == ("upheld", "person", "Rule R2.")
    assert found.decided_by_id == workspace_a.owner.pk


def test_what_is_lifted_is_not_found_again_while_it_lasts(
    workspace_a: Tenant, alert: Alert, annotators: list[Annotator]
) -> None:
    """The monitor knows what was told, and must not begin anew."""
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        monitors = Monitor.objects.filter(enrollment=annotators[0].enrollment, kind="agreement")
        before = monitors.values("state", "seen").get()
        services.lift(alert=alert, note="The items got harder.", actor_id=workspace_a.owner.pk)
        assert before["state"] and monitors.values("state", "seen").get() == before
    assert read(alert).state == "lifted"


def test_without_a_decision_it_lifts_itself(workspace_a: Tenant, alert: Alert) -> None:
    follow_alerts()
    assert read(alert).state == "open"
    age(alert, 24)
    follow_alerts()
    found = read(alert)
    assert (found.state, found.by, found.decided_by_id) == ("lifted", "clock", None)
    with planes.in_workspace(workspace_a.pk):
        assert not services.lift_due(alert_id=alert.pk)


def test_a_swap_without_a_round_leaves_the_decision_to_a_person(
    workspace_a: Tenant, project: Project, alert: Alert
) -> None:
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        Project.objects.filter(pk=project.pk).update(on_alarm="swap")
    follow_alerts()
    assert (read(alert).state, read(alert).swapped_at) == ("open", None)
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        with pytest.raises(Refused) as refused:
            services.uphold(
                alert=alert, note="Again.", actor_id=workspace_a.owner.pk, recalibrate=True
            )
        assert refused.value.code == "not_asked"


def test_main_work_is_replaced_when_the_annotator_is_told_and_given_back(
    workspace_a: Tenant,
    project: Project,
    alert: Alert,
    annotators: list[Annotator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of an alert about keyed items not at once, which would tell which item was keyed."""
    done: list[tuple[str, str]] = []
    kinds = dict(
        zip((one.enrollment.pk for one in annotators), ("agreement", "gold"), strict=False)
    )
    for what in ("recalibrate", "reinstate"):
        monkeypatch.setattr(
            actions.attempts,  # type: ignore[attr-defined]
            what,
            lambda what=what, *, enrollment_id, why, alert_at=None: done.append(
                (what, kinds[enrollment_id])
            ),
        )
    gold = opened(annotators[1], "gold", by=MonitorKind.GOLD)
    side = opened(annotators[1], "side")
    follow_alerts()
    assert done == [], "the project only suggests it"
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        Project.objects.filter(pk=project.pk).update(on_alarm="swap")
    follow_alerts()
    follow_alerts()
    assert (
        done == [("recalibrate", "agreement")]
        and read(alert).swapped_at
        and not read(gold).swapped_at
    )
    age(gold, 3)
    follow_alerts()
    assert done[1:] == [("recalibrate", "gold")] and not read(side).swapped_at
    for one in (alert, gold):
        age(one, 24)
    follow_alerts()
    assert sorted(done[2:]) == [("reinstate", "agreement"), ("reinstate", "gold")]
    assert {read(one).state for one in (alert, gold)} == {"lifted"}


def test_the_annotator_replies_while_it_is_open(
    workspace_a: Tenant, alert: Alert, annotators: list[Annotator]
) -> None:
    mine, other = (one.enrollment for one in annotators[:2])
    with planes.at_desk(mine.annotator_id, workspace_a.pk):
        words = " The texts were in Dutch. "
        services.reply(alert_id=alert.pk, enrollment_id=mine.pk, text=words)
    for enrollment in (mine, other):
        with planes.at_desk(other.annotator_id, workspace_a.pk), pytest.raises(Refused) as refused:
            services.reply(alert_id=alert.pk, enrollment_id=enrollment.pk, text="Not mine.")
        assert refused.value.status == 404
    assert read(alert).reply == "The texts were in Dutch."
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        services.lift(alert=alert, note="Right.", actor_id=workspace_a.owner.pk)
    with planes.at_desk(mine.annotator_id, workspace_a.pk), pytest.raises(Refused) as refused:
        services.reply(alert_id=alert.pk, enrollment_id=mine.pk, text="Too late.")
    assert refused.value.status == 409


def test_an_alert_about_keyed_items_is_told_some_time_later(
    workspace_a: Tenant, alert: Alert, annotators: list[Annotator]
) -> None:
    """Else the moment at which it appears would tell which item was keyed."""
    gold = opened(annotators[0], "gold", by=MonitorKind.GOLD)
    guessing = opened(annotators[1], "guessing", by=MonitorKind.GOLD)
    for one in (gold, guessing):
        assert timedelta(minutes=29) < one.told_at - one.opened_at < timedelta(minutes=121)
    ada = annotators[0].user.pk
    with planes.at_desk(ada, workspace_a.pk):
        assert set(Alert.objects.values_list("kind", flat=True)) == {"agreement"}
    age(gold, 3)
    with planes.at_desk(ada, workspace_a.pk):
        assert set(Alert.objects.values_list("kind", flat=True)) == {"agreement", "gold"}
        for hidden in ("evidence", "opened_at", "lifts_at", "decided_by_id"):
            with pytest.raises(DatabaseError), transaction.atomic():
                list(Alert.objects.values_list(hidden))


@pytest.mark.parametrize(
    "change",
    [
        "state = 'lifted', by = 'clock', decided_at = clock_timestamp()",  # before its time
        "state = 'upheld', by = 'person', note = 'x', decided_at = clock_timestamp()",  # by nobody
        "state = 'upheld', by = 'person', note = 'x', decided_at = clock_timestamp(), "
        "decided_by_id = gen_random_uuid()",  # in another's name
        "state = 'upheld', by = 'person', note = 'x', decided_at = now() - interval '1 hour', "
        "decided_by_id = current_setting('rlhfhub.person')::uuid",
        "kind = 'speed'",
        "evidence = '{}'",
    ],
)
def test_the_database_refuses_other_decisions(
    workspace_a: Tenant, alert: Alert, change: str
) -> None:
    with (
        planes.in_workspace(workspace_a.pk, workspace_a.owner.pk),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE projects_quality_alert SET {change} WHERE id = %s", [alert.pk])


def test_nobody_decides_about_themselves(
    workspace_a: Tenant, alert: Alert, annotators: list[Annotator]
) -> None:
    ada = annotators[0].user.pk
    with planes.in_workspace(workspace_a.pk, ada):
        with pytest.raises(Refused) as refused:
            services.lift(alert=alert, note="I am fine.", actor_id=ada)
        assert refused.value.code == "own_work"
        with (
            pytest.raises(DatabaseError, match="about themselves"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "UPDATE projects_quality_alert SET state = 'lifted', by = 'person', note = 'x', "
                "decided_at = clock_timestamp(), decided_by_id = %s WHERE id = %s",
                [ada, alert.pk],
            )


def test_a_decided_alert_stays_and_is_never_deleted(workspace_a: Tenant, alert: Alert) -> None:
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        services.lift(alert=alert, note="Fine.", actor_id=workspace_a.owner.pk)
        for change in (
            "UPDATE {} SET state = 'open'",
            "UPDATE {} SET note = 'y'",
            "DELETE FROM {}",
        ):
            with (
                pytest.raises(DatabaseError),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(change.format("projects_quality_alert"))


def test_the_change_is_where_the_share_fell() -> None:
    """The sum began to rise long after; the likeliest change is near the true one."""
    values = [float(n % 6 > 0) for n in range(150)] + [float(n % 3 > 0) for n in range(90)]
    series = [Point(n, value, 0.0) for n, value in enumerate(values, start=1)]
    assert abs(changed_after(series, 190, is_share=True) - 150) <= 12
    assert changed_after(series, 190, is_share=False) == 190
    assert changed_after(series[:9], 5, is_share=True) == 5
    assert [point.number for point in thinned(series, 5)][-1] == 240 and len(thinned(series)) <= 200
