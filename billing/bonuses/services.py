"""Give a bonus to an annotator, or raise the pay of a project's accepted answers. The money is set aside at once."""

import uuid

from django.db import connection

from billing.bonuses.models import REASON_CHARS, Bonus, TopUp
from billing.deposits import freezing
from billing.ledger import entries
from billing.ledger.services import post
from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from projects.plan.services import MAX_PRICE_MINOR
from projects.quality.pay import raising
from rlhfhub.events import outbox
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.money import format_minor
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit
from rlhfhub.tenancy.models import Membership

PROMISED = "bonuses.promised"
LEAST_REASON_CHARS = 10


def give(
    *, enrollment: Enrollment, amount_minor: int, reason: str, actor_id: uuid.UUID | None
) -> Bonus:
    """Set money of the workspace aside for an annotator; it is theirs a moment later. Workspace plane.

    Raises: Refused, naming the field, for an amount or a reason that cannot be; Refused (`unpaid`) where the project
        pays nothing, (`own_member`) for a member of the workspace, and (`frozen`) while a payment of the workspace is
        disputed; Overdrawn when the balance does not cover it.
    """
    project = enrollment.project
    _check_paid(project)
    freezing.check(project.workspace_id)
    _check_amount("amount_minor", amount_minor, project.currency)
    reason = reason.strip()
    if not LEAST_REASON_CHARS <= len(reason) <= REASON_CHARS:
        words = f"Say why, in {LEAST_REASON_CHARS} to {REASON_CHARS} characters. The annotator reads it."
        raise invalid("reason", words)
    if Membership.objects.filter(user=enrollment.annotator_id).exists():
        words = "This annotator is a member of your workspace, and a workspace pays no member."
        raise Refused("own_member", words, status=409)
    bonus = Bonus(
        id=uuid7(),
        workspace_id=project.workspace_id,
        enrollment=enrollment,
        annotator_id=enrollment.annotator_id,
        amount_minor=amount_minor,
        currency=project.currency,
        reason=reason,
        given_by_id=actor_id,
    )
    _promise(bonus.pk, project, amount_minor, actor_id)
    bonus.save(force_insert=True)
    _tell(bonus.pk, project)
    data = {"annotator": enrollment.pseudonym, "amount_minor": amount_minor}
    audit.note("bonus.give", bonus.pk, actor_id=actor_id, data=data)
    return bonus


def top_up(
    *,
    project: Project,
    price_minor: int,
    actor_id: uuid.UUID | None,
    agreed_minor: int | None = None,
) -> TopUp:
    """Pay each accepted answer that was paid less than this the difference. Workspace plane.

    `agreed_minor` is the sum that the caller was shown and agreed to, if any.

    Raises: Refused, naming the field, for a price that cannot be; Refused where the project pays nothing (`unpaid`),
        no answer was paid less (`nothing_less`), the sum is another than was agreed to (`cost_changed`), or a payment
        of the workspace is disputed (`frozen`); Overdrawn when the balance does not cover it.
    """
    _check_paid(project)
    freezing.check(project.workspace_id)
    _check_amount("price_minor", price_minor, project.currency)
    number = uuid7()
    raised = raising.raise_to(project=project, price_minor=price_minor, top_up_id=number)
    amount = sum(one.amount_minor for one in raised)
    if not raised:
        words = (
            f"No accepted answer was paid less than {format_minor(price_minor, project.currency)}."
        )
        raise Refused("nothing_less", words, status=409)
    if agreed_minor is not None and agreed_minor != amount:
        total = format_minor(amount, project.currency)
        words = f"More answers were accepted meanwhile: it is {total} now. Nothing was moved; look again."
        raise Refused("cost_changed", words, status=409)
    _promise(number, project, amount, actor_id)
    made = TopUp.objects.create(
        id=number,
        workspace_id=project.workspace_id,
        project=project,
        price_minor=price_minor,
        currency=project.currency,
        answers=sum(one.answers for one in raised),
        amount_minor=amount,
        given_by_id=actor_id,
    )
    _record(made, raised)
    _tell(number, project)
    data = {"price_minor": price_minor, "answers": made.answers, "amount_minor": amount}
    audit.note("top_up.give", made.pk, actor_id=actor_id, data=data)
    return made


_BONUSES = """
    INSERT INTO billing_bonuses_bonus
        (id, workspace_id, enrollment_id, annotator_id, top_up_id, amount_minor, currency, answers, reason, given_by_id)
    SELECT rlhfhub_uuid7(), e.workspace_id, e.id, e.annotator_id, %(top_up)s, r.amount, %(currency)s, r.answers, '',
           %(actor)s
    FROM unnest(%(enrollments)s::uuid[], %(answers)s::integer[], %(amounts)s::bigint[]) r (id, answers, amount)
    JOIN projects_enrollment_enrollment e ON e.id = r.id
"""


def _record(made: TopUp, raised: list[raising.Raised]) -> None:
    """Record the bonuses of a top-up in one statement, as the database asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BONUSES,
            {
                "top_up": made.pk,
                "currency": made.currency,
                "actor": made.given_by_id,
                "enrollments": [one.enrollment_id for one in raised],
                "answers": [one.answers for one in raised],
                "amounts": [one.amount_minor for one in raised],
            },
        )


def _check_paid(project: Project) -> None:
    if project.access != Project.Access.MARKET:
        raise Refused("unpaid", "Members work unpaid, so they get no bonus.", status=409)


def _check_amount(field: str, amount_minor: int, currency: str) -> None:
    if not 0 < amount_minor <= MAX_PRICE_MINOR:
        most = format_minor(MAX_PRICE_MINOR, currency)
        raise invalid(field, f"This must be more than 0, and at most {most}.")


def _promise(
    cause_id: uuid.UUID, project: Project, amount_minor: int, actor_id: uuid.UUID | None
) -> None:
    promised = entries.promise(
        workspace_id=project.workspace_id,
        currency=project.currency,
        amount_minor=amount_minor,
        cause_id=cause_id,
        actor_id=actor_id,
    )
    post([promised])


def _tell(cause_id: uuid.UUID, project: Project) -> None:
    """Let a handler pay what is promised: members may not write to annotators' accounts."""
    outbox.emit(kind=PROMISED, workspace_id=project.workspace_id, subject_id=cause_id, data={})
