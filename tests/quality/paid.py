"""Projects whose answers took given times."""

import uuid
from typing import Any

from django.db import connection

from projects.plan.models import Project
from projects.quality.pay import measuring
from projects.quality.pay.models import MeasuredPay
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.review.own import answer_of


def worked(tenant: Tenant, *seconds: float, **fields: Any) -> Project:
    """Make a project with an answer of each of these times, the newest last, and measure nothing yet."""
    project = make_project(tenant, overlap=1, **fields)
    make_batch(project, len(seconds) + 1)
    work_on(project, *seconds)
    return project


def work_on(project: Project, *seconds: float) -> list[uuid.UUID]:
    """Let somebody new answer items in these times. Returns the answers' ids."""
    annotator = people.make_annotator(project, "Ada")
    answers = [answer_of(annotator) for _ in seconds]
    for answer, time in zip(answers, seconds, strict=True):
        change(answer, f"seconds = {time}")
    return answers


def change(answer: uuid.UUID, assignment: str) -> None:
    """Change an answer as nobody can."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_work_annotation DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE projects_work_annotation SET {assignment} WHERE id = %s", [answer])
        cursor.execute("ALTER TABLE projects_work_annotation ENABLE TRIGGER USER")


def kept(project: Project) -> MeasuredPay:
    """Measure all projects anew, as if an hour had passed, and return what is kept of this one."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_quality_measuredpay SET at = at - interval '61 minutes'")
    measuring.measure_due()
    with planes.in_workspace(project.workspace_id):
        return MeasuredPay.objects.get(project=project)
