"""What was decided on answers, as members read it. Workspace plane."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg
from django.db import connection
from django.db.models import JSONField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from projects.plan.models import Project
from projects.review.models import Appeal, Decision, Return
from projects.work.models import Annotation

# With fewer decided answers no rate is shown, because a single one would move it much.
LEAST_FOR_RATE = 20


OUTCOMES = ("appealable", "appealed", "overturned", "upheld", "lapsed")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rejected answer: why, and how far its appeal is.

    `code` is the reason's, and `reason` says it in words. `outcome` is one of `OUTCOMES`; `until` is when an open one
    ends.
    """

    annotation_id: uuid.UUID
    external_id: str
    pseudonym: str
    code: str
    reason: str
    rule: str
    rule_title: str
    note: str
    decided_at: datetime
    outcome: str
    until: datetime | None
    statement: str
    outcome_note: str
    is_paid: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """How many of a project's answers for data were accepted, `by_clock` of them automatically, and rejected.

    `overturned` ones are among the rejected.
    """

    accepted: int
    by_clock: int
    rejected: int
    overturned: int

    @property
    def decided(self) -> int:
        return self.accepted + self.rejected

    @property
    def rejected_share(self) -> float | None:
        """The share of decided answers that were rejected; None for fewer than 20."""
        return self.rejected / self.decided if self.decided >= LEAST_FOR_RATE else None


def rejections_of(project: Project) -> QuerySet[Decision]:
    """Return the rejections of a project's answers, for `shown`."""
    rows = Decision.objects.filter(annotation__project=project, verdict=Decision.Verdict.REJECTED)
    return rows.select_related(
        "annotation__item", "annotation__enrollment", "annotation__guideline_version"
    ).defer(
        *("annotation__item__prompt", "annotation__item__responses", "annotation__item__context"),
        *("annotation__item__metadata", "annotation__guideline_version__text"),
    )


def shown(rejections: list[Decision]) -> list[Rejection]:
    """Return these rejections with their appeals and outcomes, in their order."""
    ids = [row.annotation_id for row in rejections]
    appeals = {row.annotation_id: row for row in Appeal.objects.filter(annotation__in=ids)}
    ends = {row.annotation_id: row for row in Decision.objects.filter(annotation__in=ids, stage=2)}
    return [
        _shown(row, appeals.get(row.annotation_id), ends.get(row.annotation_id))
        for row in rejections
    ]


def _shown(row: Decision, appeal: Appeal | None, end: Decision | None) -> Rejection:
    outcome, until = "appealable", row.appeal_by
    if end:
        outcome, until = end.verdict, None
    elif appeal:
        outcome, until = "appealed", appeal.decide_by
    version = row.annotation.guideline_version
    return Rejection(
        annotation_id=row.annotation_id,
        external_id=row.annotation.item.external_id,
        pseudonym=row.annotation.enrollment.pseudonym,
        code=row.reason,
        reason=row.get_reason_display(),
        rule=row.rule,
        rule_title=next((r["title"] for r in version.rules if r["id"] == row.rule), ""),
        note=row.note,
        decided_at=row.decided_at,
        outcome=outcome,
        until=until,
        statement=appeal.statement if appeal else "",
        outcome_note=end.note if end else "",
        is_paid=row.annotation.price_minor > 0,
    )


def of_annotation(row: Annotation) -> tuple[Rejection | None, Return | None]:
    """Return the rejection and the return of an annotation; None for what there is not."""
    found = rejections_of(row.project).filter(annotation=row)
    rejection = next(iter(shown(list(found))), None)
    return rejection, Return.objects.filter(annotation=row).first()


_LEFT = """
    SELECT COALESCE(l.allowed - l.rejected, GREATEST(5, b.slots_count * 5 / 100))
    FROM projects_items_batch b LEFT JOIN projects_review_rejectlimit l ON l.batch_id = b.id WHERE b.id = %s
"""


def rejections_left(batch_id: uuid.UUID) -> int:
    """Return how many more answers of a batch can be rejected before staff must look. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [batch_id])
        return int(cursor.fetchone()[0])


def with_decisions(rows: QuerySet[Annotation]) -> QuerySet[Any]:
    """Return the annotations with their `decisions`, by stage: a list of dicts, empty while one is undecided."""
    fields = ("verdict", "by", "decided_at", "reason", "rule")
    of_row = Decision.objects.filter(annotation=OuterRef("pk")).order_by().values("annotation")
    made = of_row.annotate(
        made=JSONBAgg(JSONObject(**{one: one for one in fields}), order_by="stage")
    )
    none = Value([], output_field=JSONField())
    found: QuerySet[Any] = rows.annotate(decisions=Coalesce(Subquery(made.values("made")), none))
    return found


_RATES = """
    SELECT count(*) FILTER (WHERE d.verdict = 'accepted'),
           count(*) FILTER (WHERE d.verdict = 'accepted' AND d."by" = 'clock'),
           count(*) FILTER (WHERE d.verdict = 'rejected'), count(*) FILTER (WHERE d.verdict = 'overturned')
    FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
    WHERE a.project_id = %s AND a.purpose = 'data'
"""


def rates_of(project: Project) -> Rates:
    """Return how many answers of a project were accepted, rejected and overturned."""
    with connection.cursor() as cursor:
        cursor.execute(_RATES, [project.pk])
        return Rates(*cursor.fetchone())
