"""Queries on agreement and on the accuracy of annotators. Workspace plane."""

import uuid

from django.db.models import OuterRef, Q, QuerySet, Subquery

from projects.items.models import Batch
from projects.kinds import form as forms
from projects.kinds.protocol import Scale
from projects.plan.models import Project
from projects.quality.models import AgreementSnapshot
from projects.stats.consensus import PRIOR_ACCURACY


def scales_of(project: Project) -> dict[str, Scale]:
    """Return the scale of each question of the project's form that makes judgments, in the form's order."""
    return forms.scales_of(project.form.questions) if project.form else {}


def titles_of(project: Project) -> dict[str, str]:
    """Return the title of each question of the project's form that makes judgments, by the question's name."""
    questions = project.form.questions if project.form else []
    titles = {question["name"]: question["title"] for question in questions}
    return {name: titles[name] for name in scales_of(project)}


def headline(project: Project) -> str:
    """Return the headline question, whose agreement represents the project: the first with judgments, or ""."""
    return next(iter(scales_of(project)), "")


def is_taste(project: Project, question: str) -> bool:
    """Return whether people may differ on a question without one of them being wrong."""
    return question in project.taste_questions


def compares(scale: Scale) -> bool:
    """Return whether a scale says which of two responses is preferred."""
    return any(category.side is not None for category in scale.categories)


def latest(project_id: uuid.UUID, question: str) -> AgreementSnapshot | None:
    """Return the newest agreement of the whole project on a question; None before there is any."""
    mine = AgreementSnapshot.objects.filter(project_id=project_id, question=question, batch=None)
    return mine.order_by("-at").first()


def accuracy_now(project_id: uuid.UUID) -> dict[str, float]:
    """Return the present estimate of the annotators' accuracy, 0 to 1, by question.

    The probability of a consensus is computed from it and the item's tally each time it is read. Questions without
    agreement are missing from the result; use PRIOR_ACCURACY for them, as `accuracy_on` does.
    """
    rows = AgreementSnapshot.objects.filter(project_id=project_id, batch=None)
    newest = rows.order_by("question", "-at").distinct("question")
    return dict(newest.values_list("question", "accuracy"))


def accuracy_on(project_id: uuid.UUID, question: str) -> float:
    """Return the estimated accuracy on one question, 0 to 1; PRIOR_ACCURACY before there is any agreement."""
    found = latest(project_id, question)
    return found.accuracy if found else PRIOR_ACCURACY


def batches_of(project: Project) -> QuerySet[Batch]:
    """Return the project's batches; each has as `alpha` its newest agreement on the project's first judged question.

    The batches of calibration rounds that were discarded are left out.
    """
    snapshots = AgreementSnapshot.objects.filter(
        project_id=project.pk, question=headline(project), batch=OuterRef("pk")
    ).order_by("-at")
    discarded = Q(phase=Batch.Phase.CALIBRATION, status=Batch.Status.CLOSED, funding="none")
    rows = Batch.objects.filter(project_id=project.pk).exclude(discarded)
    return rows.annotate(alpha=Subquery(snapshots.values("alpha")[:1]))
