"""What annotators of a project that asks for calibration do, from acceptance to the verdict."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from projects.calibration.models import Attempt
from projects.calibration.services import attempts
from projects.enrollment import services as enrollment
from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests import people
from tests.calibration import made
from tests.people import Annotator

Deliver = Callable[[], int]


def retake(annotator: Annotator) -> None:
    row = annotator.enrollment
    with planes.at_desk(annotator.user.pk, row.workspace_id, row.project_id):
        attempts.retake(enrollment_id=row.pk)


def accept(annotator: Annotator) -> Enrollment:
    row = annotator.enrollment
    with planes.at_desk(annotator.user.pk, row.workspace_id, row.project_id):
        found = Enrollment.objects.select_related("project__guideline_version").get(pk=row.pk)
        number = found.project.guideline_version.number
        return enrollment.accept_guideline(enrollment=found, number=number)


def answer_until_decided(annotator: Annotator, by: Any, deliver: Deliver) -> Attempt:
    for _ in range(made.ITEMS):
        if made.attempt_of(annotator).state != "running" or not made.answer(annotator, by, most=1):
            break
        deliver()
    return made.attempt_of(annotator)


def passed(project: Project, deliver: Deliver, name: str = "Ada") -> Annotator:
    annotator = people.make_annotator(project, name)
    assert answer_until_decided(annotator, made.right, deliver).state == "passed"
    return annotator


def failed(project: Project, deliver: Deliver, name: str = "Ben") -> Annotator:
    annotator = people.make_annotator(project, name)
    assert answer_until_decided(annotator, made.wrong, deliver).state == "failed"
    return annotator


def a_day_passes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_calibration_attempt DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_calibration_attempt SET decided_at = decided_at - interval '1 day'"
        )
        cursor.execute("ALTER TABLE projects_calibration_attempt ENABLE TRIGGER USER")


def days_pass(days: int) -> None:
    """All attempts began, and all answers were given, so many days earlier."""
    with connection.cursor() as cursor:
        for table, column in (
            ("projects_calibration_attempt", "began_at"),
            ("projects_calibration_attempt", "resumed_at"),
            ("projects_work_annotation", "submitted_at"),
        ):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET {column} = {column} - interval '{days} days'")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
