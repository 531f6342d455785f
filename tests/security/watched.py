"""What is measured of a side's first annotators: an alert, answers held against keys, and a repeat that waits."""

from billing.funding import reserve
from projects.items.models import Item
from projects.quality.alerts import opening
from projects.quality.alerts import services as alerts
from projects.quality.alerts.evidence import Evidence
from projects.quality.gold.models import KeyFigures
from projects.quality.models import GoldAnswer, RepeatJudgment
from projects.quality.own.models import OwnFigures
from projects.review.services import flags
from projects.work.models import Purpose
from rlhfhub.tenancy import clock, planes
from tests import gold
from tests.security.side import Side


def make_alert(side: Side) -> None:
    """The first annotator has an open alert, answered by them, and their answers have flags.

    Because of it, one more answer is asked for.
    """
    person = side.annotators[0]
    answers = [one for one in side.accepted if one.enrollment_id == person.enrollment.pk]
    evidence = Evidence(at=2, affected_from=str(answers[0].pk), before=0.9, after=0.5)
    with planes.in_workspace(side.pk):
        alert = opening.add(
            workspace_id=side.pk,
            project_id=side.project.pk,
            enrollment_id=person.enrollment.pk,
            kind="agreement",
            evidence=evidence,
            now=clock.now(),
        )
        reserve.ask_for_more(
            batch=side.batch,
            item_ids=[Item.objects.filter(batch=side.batch).latest("seq").pk],
            answers=1,
            actor_id=side.tenant.owner.pk,
            alert=alert,
        )
        flags.flag(annotation_ids=[answers[0].pk], reason="drift", weight=3)
        OwnFigures.objects.create(
            workspace_id=side.pk,
            project=side.project,
            enrollment=person.enrollment,
            annotator_id=person.user.pk,
            agreement=0.8,
            agreement_low=0.7,
            agreement_high=0.9,
            compared=50,
            shown_on=clock.now().date(),
        )
    with planes.at_desk(person.user.pk, side.pk):
        alerts.reply(
            alert_id=alert.pk,
            enrollment_id=person.enrollment.pk,
            text=f"{side.mark} qzreply of {person.user.name}",
        )
    side.alert = alert.pk


def make_judged(side: Side) -> None:
    """One answer stands for one to gold and for a repeat of itself; its item waits to be shown to them again."""
    one = side.accepted[0]
    of = {
        "workspace_id": side.pk,
        "project": side.project,
        "enrollment_id": one.enrollment_id,
        "annotation": one,
        "question": "preference",
        "submitted_at": one.submitted_at,
    }
    with planes.in_workspace(side.pk):
        GoldAnswer.objects.create(item_id=one.item_id, purpose="gold", hit=True, **of)
        RepeatJudgment.objects.create(unit=one.units[0], first=-1, again=1, **of)
        KeyFigures.objects.create(
            **{name: of[name] for name in ("workspace_id", "project", "question")},
            **dict.fromkeys(("answers", "judged", "hits", "judged_good", "hits_good"), 1),
            item_id=one.item_id,
            at=one.submitted_at,
        )
        item, enrollment = one.item, one.enrollment
    repeat = gold.make_repeat(item)
    gold.add_slots(side.funded_batch, [repeat], Purpose.REPEAT, kept_for=enrollment)
