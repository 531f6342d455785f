"""What a workspace spent in a period, as the ledger booked it. Workspace plane.

Money is spent when it leaves the workspace for an annotator and the platform's fee: by an accrual, whose answer says
what it was for, or by a bonus. Money that is set aside or on hold is not spent.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from billing.statements.spend import queries
from billing.statements.spend.period import Period
from projects.items.models import Batch
from projects.plan.models import Form, Project

#: What the money was for, in the order of the charts.
PARTS = {
    "data": "Answers for data",
    "replacement": "Replacements of rejected answers",
    "gold": "Gold",
    "repeat": "Repeats",
    "calibration": "Calibration",
    "review": "Paid reviewers",
    "reading": "Reading the guidelines",
    "bonus": "Bonuses",
    "top_up": "Top-ups",
}


@dataclass(frozen=True, slots=True)
class Spent:
    """A sum in minor units: `answers` of them were paid `pay_minor`, and `fee_minor` went to the platform."""

    answers: int
    pay_minor: int
    fee_minor: int

    @property
    def total_minor(self) -> int:
        return self.pay_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class PartSpent:
    """What one kind of answers, or bonuses, cost. `part` is a key of `PARTS`."""

    part: str
    spent: Spent

    @property
    def title(self) -> str:
        return PARTS[self.part]


@dataclass(frozen=True, slots=True)
class BatchSpent:
    """What a batch cost; without `batch`, what was given beside the price of a project's answers."""

    project: Project
    batch: Batch | None
    spent: Spent


@dataclass(frozen=True, slots=True)
class AnnotatorSpent:
    """What one annotator of a project got, by the pseudonym that the project knows, with the fee."""

    project_id: uuid.UUID
    project: str
    pseudonym: str
    spent: Spent


@dataclass(frozen=True, slots=True)
class QuestionSpent:
    """What the answers that carry a question cost, whole."""

    project: str
    question: str
    spent: Spent

    @property
    def each_minor(self) -> float:
        """The cost of one answer."""
        return self.spent.total_minor / self.spent.answers


@dataclass(frozen=True, slots=True)
class Spend:
    """What a workspace spent in one currency in a period. Each list begins with what cost most.

    In `batches` a row without a batch is what was given beside the price of a project's answers.
    """

    currency: str
    period: Period
    total: Spent
    parts: list[PartSpent]
    batches: list[BatchSpent]
    annotators: list[AnnotatorSpent]
    questions: list[QuestionSpent]


def spend_of(
    workspace_id: uuid.UUID, currency: str, when: Period, project_id: uuid.UUID | None = None
) -> Spend:
    """Return what the workspace spent in a period, perhaps on one project and its reviews alone."""
    values = {
        "workspace": workspace_id,
        "currency": currency,
        "since": when.since,
        "till": when.till,
        "project": project_id,
    }
    rows = _fetch(queries.OF_PERIOD, values)
    parts = {row[0]: Spent(*row[5:]) for row in rows if row[0]}
    return Spend(
        currency=currency,
        period=when,
        total=_sum(parts.values()),
        parts=[PartSpent(part, parts[part]) for part in PARTS if part in parts],
        batches=_batches([(row[1], row[2], Spent(*row[5:])) for row in rows if row[1]]),
        annotators=_annotators({row[3]: Spent(*row[5:]) for row in rows if row[3]}),
        questions=_questions({row[4]: Spent(*row[5:]) for row in rows if row[4]}),
    )


def parts_of_life(project: Project, batch: Batch | None = None) -> list[PartSpent]:
    """Return what a project, or one batch of it, has cost by part since it began."""
    values = {
        "workspace": project.workspace_id,
        "currency": (batch and batch.currency) or project.currency,
        "project": project.pk,
        "batch": batch.pk if batch else None,
    }
    rows = _fetch(queries.OF_LIFE, values)
    found = {part: Spent(*sums) for part, *sums in rows}
    return [PartSpent(part, found[part]) for part in PARTS if part in found]


def currencies_of(workspace_id: uuid.UUID) -> list[str]:
    """Return the currencies of the workspace's projects."""
    rows = Project.objects.filter(workspace_id=workspace_id).order_by("currency")
    return list(rows.values_list("currency", flat=True).distinct())


def _batches(rows: Sequence[tuple[uuid.UUID, uuid.UUID | None, Spent]]) -> list[BatchSpent]:
    projects = Project.objects.in_bulk({project_id for project_id, *_ in rows})
    batches = Batch.objects.in_bulk({batch_id for _, batch_id, _ in rows if batch_id})
    found = [
        BatchSpent(projects[project_id], batches[batch_id] if batch_id else None, spent)
        for project_id, batch_id, spent in rows
    ]
    return sorted(found, key=lambda one: -one.spent.total_minor)


def _annotators(by_enrollment: dict[uuid.UUID, Spent]) -> list[AnnotatorSpent]:
    rows = _fetch(queries.PSEUDONYMS, {"ids": list(by_enrollment)})
    found = [
        AnnotatorSpent(project_id, project, pseudonym, by_enrollment[key])
        for key, project_id, project, pseudonym in rows
    ]
    return sorted(found, key=lambda one: (-one.spent.total_minor, one.pseudonym))


def _questions(by_form: dict[uuid.UUID, Spent]) -> list[QuestionSpent]:
    """Add up the forms of each project that ask a question by the same name; the newest title names it."""
    sums: dict[tuple[uuid.UUID, str], Spent] = {}
    titles: dict[tuple[uuid.UUID, str], tuple[str, str]] = {}
    forms = Form.objects.filter(pk__in=by_form).select_related("project").order_by("version")
    for form in forms:
        for question in form.questions:
            key = form.project_id, question["name"]
            sums[key] = _sum([sums.get(key, Spent(0, 0, 0)), by_form[form.pk]])
            titles[key] = form.project.name, question["title"]
    found = [QuestionSpent(*titles[key], spent) for key, spent in sums.items()]
    return sorted(found, key=lambda one: (-one.spent.total_minor, one.project, one.question))


def _sum(parts: Any) -> Spent:
    many = list(parts)
    return Spent(
        sum(one.answers for one in many),
        sum(one.pay_minor for one in many),
        sum(one.fee_minor for one in many),
    )


def _fetch(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
