"""Sample checks: drawing a sample, drawing more, and accepting the rest."""

import random
import uuid
from collections.abc import Sequence

from django.db import connection
from django.db.models import Max

from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.bulk import services as bulk
from projects.review.bulk.models import BulkAccept
from projects.review.samples import selectors
from projects.review.samples.models import SampleAnswer, SampleCheck
from projects.review.samples.selectors import Waiting
from projects.stats.planning import sample_size_of_bound
from projects.stats.sampling import stratified_sample
from rlhfhub.ground import locks
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock

BOUNDS = range(1, 51)
CONFIDENCES = range(50, 100)
_NONE = (
    "No answer of this batch that you may decide on waits for a decision, so there is nothing to check. Answers that "
    "are about to be accepted together are left out."
)
_MANY = f"More than {selectors.MOST_ANSWERS:,} answers of this batch are undecided. Choose one annotator."
_UNDONE = "Some answers of the sample are not checked yet. Check them first."
_UNSUPPORTED = (
    "So many of the checked answers are wrong that the check does not show what you asked for. Check more, or accept "
    "the rest anyway."
)


def draw(
    *,
    batch: Batch,
    enrollment: Enrollment | None,
    bound_percent: int,
    confidence_percent: int,
    member_id: uuid.UUID,
) -> SampleCheck:
    """Draw a sample of a batch's undecided answers, or of those of one annotator. Workspace plane.

    It is so large that, if none of it is wrong, at most `bound_percent` of all are wrong with `confidence_percent`.
    It is drawn within annotators, in proportion to their answers, and at least one of each if they fit. Answers of the
    member who draws are left out.

    Raises: Refused for a bound or confidence out of range, if no answer is undecided, and if there are too many.
    """
    if bound_percent not in BOUNDS:
        raise invalid("bound_percent", "This must be a whole number from 1 to 50.")
    if confidence_percent not in CONFIDENCES:
        raise invalid("confidence_percent", "This must be a whole number from 50 to 99.")
    check = SampleCheck(
        workspace_id=batch.workspace_id,
        project_id=batch.project_id,
        batch=batch,
        enrollment=enrollment,
        made_by_id=member_id,
        made_at=clock.now(),
        bound_percent=bound_percent,
        confidence_percent=confidence_percent,
    )
    waiting = selectors.rest_of(check, member_id)
    if not waiting:
        raise Refused("nothing_waits", _NONE, status=409)
    if len(waiting) > selectors.MOST_ANSWERS:
        raise Refused("too_many", _MANY, status=409)
    check.answers = len(waiting)
    check.save(force_insert=True)
    size = sample_size_of_bound(bound_percent / 100, confidence=confidence_percent / 100)
    _add(check, waiting, size or len(waiting), number=1)
    audit.note("sample_check.draw", check.pk, actor_id=member_id)
    return check


def _add(check: SampleCheck, waiting: Sequence[Waiting], size: int, *, number: int) -> None:
    strata: dict[uuid.UUID, list[uuid.UUID]] = {}
    for row in waiting:
        strata.setdefault(row.enrollment_id, []).append(row.id)
    chosen = stratified_sample(strata, size, random.SystemRandom())
    rows = [
        SampleAnswer(
            pk=uuid7(),
            workspace_id=check.workspace_id,
            sample_check=check,
            annotation_id=key,
            draw=number,
        )
        for key in chosen
    ]
    SampleAnswer.objects.bulk_create(rows)


def draw_more(*, check: SampleCheck, member_id: uuid.UUID) -> int:
    """Draw so many more answers that the wished limit is reached if none of them is wrong. Workspace plane.

    Returns: how many were drawn.
    Raises: Refused if it is reached without more, or the answers that are left are too few.
    """
    _lock(check)
    more = selectors.progress_of(check, member_id).more
    if not more:
        words = (
            "No more answers are needed, or too few are left to reach the limit that you asked for."
        )
        raise Refused("no_more", words, status=409)
    draws = SampleAnswer.objects.filter(sample_check=check).aggregate(last=Max("draw"))
    waiting = selectors.rest_of(check, member_id)
    _add(check, waiting, more, number=draws["last"] + 1)
    audit.note("sample_check.draw_more", check.pk, actor_id=member_id, data={"answers": more})
    return more


def accept_rest(*, check: SampleCheck, member_id: uuid.UUID, anyway: bool = False) -> BulkAccept:
    """Ask to accept the answers that the sample speaks for. It takes effect after ten minutes. Workspace plane.

    Raises: Refused if the sample is not checked, if it does not support it unless `anyway`, and if nothing is left.
    """
    _lock(check)
    progress = selectors.progress_of(check, member_id)
    if not progress.is_done:
        raise Refused("not_checked", _UNDONE, status=409)
    if not progress.is_supported and not anyway:
        raise Refused("not_supported", _UNSUPPORTED, status=409)
    rest = [row.id for row in selectors.rest_of(check, member_id)]
    project: Project = check.project
    made = bulk.request_accept(project=project, annotation_ids=rest, member_id=member_id)
    limits = {"bulk_accept": str(made.pk), "upper": progress.total.upper, "anyway": anyway}
    audit.note("sample_check.accept_rest", check.pk, actor_id=member_id, data=limits)
    return made


def _lock(check: SampleCheck) -> None:
    """Let no other reviewer draw into the sample, or accept its rest, before the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s::text, %s))",
            [str(check.pk), locks.SAMPLE_CHECK],
        )
