"""Computing and storing the figures that need who gave which answer: of annotators, and of parts of the answers.

One pass reads the newest 500,000 annotations of a project at most, so time and memory are bounded. The pass is one
transaction: a run that is ended leaves the project marked as stale, and the next one starts anew.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime

import numpy as np

from projects.kinds import form as forms
from projects.plan.models import Project
from projects.quality import judged, people, tags
from projects.quality.alerts.searches import copies, pairs, pasted
from projects.quality.judged import Judgments, Question
from projects.quality.measures import figures_of, patterns_of
from projects.quality.models import AnnotatorFigures, PartAgreement
from projects.quality.own import figures as own
from projects.stats.alpha import krippendorff_alpha
from projects.stats.ratings import Codes
from rlhfhub.tenancy import clock

Part = PartAgreement.Part
_KEYS = ("id", "workspace", "project", "enrollment", "question")
_COLUMNS = [f.name for f in AnnotatorFigures._meta.concrete_fields if f.name not in _KEYS]


def refresh_annotators(*, project_id: uuid.UUID, now: datetime | None = None) -> int:
    """Compute the figures of a project's annotators, of its accepted answers, and of each guideline version and tag.

    Workspace plane. Returns how many rows of annotators were written.
    """
    project = Project.objects.select_related("form").get(pk=project_id)
    scales = forms.scales_of(project.form.questions) if project.form else {}
    at = now or clock.now()
    found = judged.read(project_id, scales, most=judged.MOST)
    parts = [part for name, one in found.items() for part in _parts(project, name, one, at)]
    PartAgreement.objects.filter(project=project).delete()
    PartAgreement.objects.bulk_create(parts)
    rows = [
        AnnotatorFigures(
            workspace_id=project.workspace_id,
            project=project,
            enrollment_id=enrollment_id,
            question=name,
            at=at,
            newest=one.newest,
            **columns,
        )
        for name, one in found.items()
        for enrollment_id, columns in people.figures_of(one)
    ]
    AnnotatorFigures.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["enrollment", "question"],
        update_fields=_COLUMNS,
    )
    headline = next(iter(scales), "")
    own.show(project_id=project_id, question=headline)
    if headline in found:
        pairs.open_for_pairs(project_id, found[headline])
    copies.open_for_copies(project_id)
    pasted.open_for_pasted(project)
    return len(rows)


def _parts(
    project: Project, name: str, question: Question, at: datetime
) -> Iterator[PartAgreement]:
    """Yield the agreement of accepted answers, and of the first answers by guideline version and by tag."""
    for judgments, rows, names in _rows_of_parts(project, question):
        if len(rows):
            yield PartAgreement(
                workspace_id=project.workspace_id,
                project=project,
                question=name,
                at=at,
                **names,
                **_columns(question, judgments, rows),
            )


def _rows_of_parts(
    project: Project, question: Question
) -> Iterator[tuple[Judgments, Codes, dict[str, str]]]:
    """Yield the judgments of each part, the numbers of its rows, and the columns that name it."""
    first, accepted = question.first, question.accepted
    yield accepted, np.arange(len(accepted.version)), {"part": Part.ACCEPTED}
    for code, version in enumerate(question.versions):
        names = {"part": Part.VERSION, "guideline_version_id": version}
        yield first, np.flatnonzero(first.version == code), names
    items, item_of_unit = question.items
    for tag in tags.tags_of(project, items):
        has_tag = np.zeros(len(items), dtype=np.bool_)
        has_tag[tag.items] = True
        rows = np.flatnonzero(has_tag[item_of_unit][first.data.item])
        yield first, rows, {"part": Part.TAG, "tag_key": tag.key, "tag_value": tag.value}


def _columns(question: Question, judgments: Judgments, rows: Codes) -> dict[str, object]:
    data = judgments.data.rows(rows)
    item_of_unit = question.items[1]
    labels = np.bincount(data.item, minlength=len(question.units))
    # An item counts once, however many of its facets have two labels.
    paired = np.unique(item_of_unit[labels >= 2])
    answers = np.unique(item_of_unit[data.item] * len(question.annotators) + data.annotator)
    has_facets = len(np.unique(item_of_unit)) < len(item_of_unit)
    alpha = (
        krippendorff_alpha(data, question.scale.level, clusters=item_of_unit)
        if has_facets
        else None
    )
    columns = figures_of(patterns_of(data), question.scale, alpha)
    return {**columns, "items": len(paired), "annotations": len(answers)}
