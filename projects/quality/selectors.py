"""How far annotators agree, and what is known of them now. Workspace plane."""

import uuid

from django.db.models import OuterRef, QuerySet, Subquery

from projects.items.models import Batch
from projects.kinds import form as forms
from projects.kinds.protocol import Scale
from projects.plan.models import Project
from projects.quality.models import AgreementSnapshot
from projects.stats.consensus import PRIOR_ACCURACY


def scales_of(project: Project) -> dict[str, Scale]:
    """The scale of each question of the project's form that has judgments, in the form's order."""
    return forms.scales_of(project.form.questions) if project.form else {}


def titles_of(project: Project) -> dict[str, str]:
    """The title of each question of the project's form that has judgments, by its name."""
    questions = project.form.questions if project.form else []
    titles = {question["name"]: question["title"] for question in questions}
    return {name: titles[name] for name in scales_of(project)}


def headline(project: Project) -> str:
    """The question whose agreement stands for the project's: the first that has judgments, or the empty name."""
    return next(iter(scales_of(project)), "")


def latest(project_id: uuid.UUID, question: str) -> AgreementSnapshot | None:
    """The newest agreement of the whole project on a question."""
    mine = AgreementSnapshot.objects.filter(project_id=project_id, question=question, batch=None)
    return mine.order_by("-at").first()


def accuracy_now(project_id: uuid.UUID) -> dict[str, float]:
    """How accurate the project's annotators are taken to be at present, 0 to 1, by question.

    Probabilities of a consensus are computed from it and the item's tally whenever they are read. Questions without
    agreement yet are missing; take PRIOR_ACCURACY, as `accuracy_on` does.
    """
    rows = AgreementSnapshot.objects.filter(project_id=project_id, batch=None)
    newest = rows.order_by("question", "-at").distinct("question")
    return dict(newest.values_list("question", "accuracy"))


def accuracy_on(project_id: uuid.UUID, question: str) -> float:
    """The accuracy on one question, or the prior before there is any agreement."""
    found = latest(project_id, question)
    return found.accuracy if found else PRIOR_ACCURACY


def batches_of(project: Project) -> QuerySet[Batch]:
    """The project's batches, each with its newest α on the headline question."""
    snapshots = AgreementSnapshot.objects.filter(
        project_id=project.pk, question=headline(project), batch=OuterRef("pk")
    ).order_by("-at")
    rows = Batch.objects.filter(project_id=project.pk)
    return rows.annotate(alpha=Subquery(snapshots.values("alpha")[:1]))
