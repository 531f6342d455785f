"""What reading a project's guidelines pays, and what is set aside for it."""

import uuid
from dataclasses import dataclass

from django.db import connection

from billing.readings.models import ReadingBudget, ReadingFunding
from projects.items.models import Batch
from projects.plan.models import GuidelineVersion, Project


@dataclass(frozen=True, slots=True)
class Readers:
    """For how many readers of the guidelines money is set aside, and how much for each, in minor units."""

    count: int = 0
    each_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What is set aside for all of them."""
        return self.count * self.each_minor


def reading_minor(project: Project) -> int:
    """Return what a newcomer gets for reading the version in force; 0 if none is, or it pays nothing."""
    if not project.price_minor or project.guideline_version_id is None:
        return 0
    rows = GuidelineVersion.objects.filter(pk=project.guideline_version_id)
    return int(rows.values_list("reading_minor", flat=True).first() or 0)


def free_minor(project_id: uuid.UUID) -> int:
    """Return what is set aside for readers to come, in minor units. Workspace plane."""
    rows = ReadingBudget.objects.filter(project=project_id)
    return int(rows.values_list("free_minor", flat=True).first() or 0)


def of_batch(batch: Batch) -> Readers:
    """Return for how many readers money was set aside with the batch's funding. Workspace plane."""
    rows = ReadingFunding.objects.filter(batch=batch).values_list("readers", "amount_minor")
    count, amount = rows.first() or (0, 0)
    return Readers(count, amount // count if count else 0)


@dataclass(frozen=True, slots=True)
class ReadingOfProject:
    """What reading pays, in minor units, and what became of the money.

    `free_minor` pays for `readers_left` newcomers. `promised_minor` waits for the first accepted answers of `promised`
    annotators; `paid_minor` is what `paid` readings got.
    """

    each_minor: int
    currency: str
    free_minor: int
    promised: int
    promised_minor: int
    paid: int
    paid_minor: int

    @property
    def readers_left(self) -> int:
        """For how many newcomers the money set aside is enough; 0 where reading pays nothing."""
        return self.free_minor // self.each_minor if self.each_minor else 0

    @property
    def is_empty(self) -> bool:
        """Whether a newcomer would be refused, because there is no money for their reading."""
        return bool(self.each_minor) and not self.readers_left


_OF_PROJECT = """
    SELECT COALESCE(v.reading_minor, 0), COALESCE(b.free_minor, 0), r.promised, r.promised_minor, r.paid, r.paid_minor
    FROM projects_plan_project p
    LEFT JOIN projects_plan_guidelineversion v ON v.id = p.guideline_version_id
    LEFT JOIN billing_readings_readingbudget b ON b.project_id = p.id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE state = 'promised') AS promised, count(*) FILTER (WHERE state = 'paid') AS paid,
               COALESCE(sum(amount_minor) FILTER (WHERE state = 'promised'), 0)::bigint AS promised_minor,
               COALESCE(sum(amount_minor) FILTER (WHERE state = 'paid'), 0)::bigint AS paid_minor
        FROM billing_readings_reading WHERE project_id = p.id) r
    WHERE p.id = %s
"""


def of_project(project: Project) -> ReadingOfProject:
    """Return what reading the project's guidelines pays and has cost. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_PROJECT, [project.pk])
        each, free, *sums = cursor.fetchone()
    return ReadingOfProject(each, project.currency, free, *sums)


@dataclass(frozen=True, slots=True)
class Due:
    """What somebody gets for reading the guidelines in force, and whether the project has set it aside."""

    amount_minor: int
    currency: str
    is_covered: bool


def due_to(person_id: uuid.UUID, project_id: uuid.UUID) -> Due | None:
    """Return what the person gets for reading a project's guidelines, if anything. Door or annotator plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_reading(%s, %s)", [person_id, project_id])
        row = cursor.fetchone()
    return Due(*row) if row else None
