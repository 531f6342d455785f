"""Book decided paid annotations: accepted ones as earned, rejected ones on hold. Each journal has a unique cause.

Events come in no order, so each handler also books what the facts before its own owe.
"""

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef

from billing.deposits.selectors import young_workspaces
from billing.ledger import entries
from billing.ledger.entries import Work
from billing.ledger.models import Journal
from billing.ledger.services import post
from projects.review.models import Decision
from projects.work.models import Annotation

Ids = Sequence[uuid.UUID | str]
_FIELDS = (
    "workspace_id",
    "batch_id",
    "id",
    "annotator_id",
    "currency",
    "price_minor",
    "fee_minor",
)
_REJECTED = Annotation.State.REJECTED


def accrue(*, annotation_ids: Ids) -> int:
    """Book what these accepted annotations earned; unpaid ones are skipped. System plane. Returns new journals."""
    work = _not_yet_earned(list(_paid(annotation_ids, Annotation.State.ACCEPTED)))
    young = young_workspaces({one.workspace_id for one, _ in work})
    held = [entries.rejection(one) for one, was_rejected in work if was_rejected]
    earned = [
        entries.accrual(one, held=was_rejected, is_clear=one.workspace_id not in young)
        for one, was_rejected in work
    ]
    return post([*held, *earned])


def _not_yet_earned(work: list[tuple[Work, bool]]) -> list[tuple[Work, bool]]:
    """Leave out what is booked: it may have been booked as not clear, and would be booked otherwise now."""
    causes = [f"accrual:{one.annotation_id}" for one, _ in work]
    booked = set(Journal.objects.filter(cause__in=causes).values_list("cause", flat=True))
    return [each for each, cause in zip(work, causes, strict=True) if cause not in booked]


def hold(*, annotation_ids: Ids) -> int:
    """Put price and fee of these rejected annotations on hold. System plane. Returns new journals."""
    return post([entries.rejection(one) for one, _ in _paid(annotation_ids, _REJECTED)])


def finish(*, annotation_ids: Ids) -> int:
    """Give price and fee of finally rejected annotations back to their workspace. System plane.

    Returns: how many journals are new.
    """
    work = [one for one, _ in _paid(annotation_ids, _REJECTED)]
    return post([*map(entries.rejection, work), *map(entries.rejection_final, work)])


def _paid(annotation_ids: Ids, state: str) -> Iterable[tuple[Work, bool]]:
    """Yield the paid ones of these annotations in this state, and whether each was rejected."""
    rejections = Decision.objects.filter(annotation=OuterRef("pk"), verdict="rejected")
    rows = Annotation.objects.filter(pk__in=annotation_ids, state=state)
    rows = rows.exclude(price_minor=0, fee_minor=0).annotate(rejected=Exists(rejections))
    for *values, rejected in rows.values_list(*_FIELDS, "rejected"):
        yield Work(*values), rejected
