"""What is known of paid reviews: the verdicts on an answer, and the projects in which answers are reviewed."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from projects.items.models import Batch
from projects.kinds import label
from projects.plan.models import Form, GuidelineVersion, Project
from projects.review.children import questions
from projects.review.children.asking import MOST
from projects.review.models import Source
from projects.work.models import Annotation, Slot

MOST_VERDICTS = 12
MOST_PROJECTS = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one paid reviewer says of an answer, as advice to the members who decide.

    `verdict` is a choice of the review's form, and `words` what it says. `rule` is the id of the rule that is said to
    be broken, with its `rule_title`; empty if none is named. `unclear` is why it cannot be followed as it stands, empty
    if it can. `counts` is false if it cannot, if the verdict was rejected itself, or is of the answer before it was
    revised.
    """

    pseudonym: str
    verdict: str
    words: str
    rule: str
    rule_title: str
    note: str
    given_at: datetime
    unclear: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """What paid reviewers say of an answer. So many were `asked`; `verdicts` are those given, the newest first."""

    asked: int
    verdicts: list[Verdict]

    @property
    def waiting(self) -> int:
        """How many verdicts are still to come."""
        return max(self.asked - len(self.verdicts), 0)


def of_annotation(row: Annotation) -> Advice | None:
    """Return what paid reviewers say of an answer; None if nobody was asked, as before the review is funded.

    Workspace plane.
    """
    sources = Source.objects.filter(annotation_id=row.pk, purpose=Source.Purpose.REVIEW)
    revised = dict(sources.values_list("item", "revised_at"))
    if not revised:
        return None
    given = Annotation.objects.filter(item__in=revised).select_related("enrollment")
    rows = list(given.order_by("-pk")[:MOST_VERDICTS])
    forms = Form.objects.in_bulk({each.form_id for each in rows})
    rules = GuidelineVersion.objects.values_list("rules", flat=True).get(
        pk=row.guideline_version_id
    )
    titles = {rule["id"]: rule["title"] for rule in rules}
    slots = Slot.objects.filter(item__in=revised).exclude(state=Slot.State.CANCELLED)
    asked = slots.count()
    if not asked and not rows:
        return None
    return Advice(
        asked=asked,
        verdicts=[
            _verdict(each, forms[each.form_id], titles, revised[each.item_id] == row.revised_at)
            for each in rows
        ],
    )


def verdicts_of(annotation_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return what paid reviewers say of each of these answers that somebody reviewed, in words. Workspace plane."""
    sources = Source.objects.filter(annotation_id__in=annotation_ids, purpose=Source.Purpose.REVIEW)
    reviewed = dict(sources.values_list("item", "annotation_id"))
    if not reviewed:
        return {}
    given = list(Annotation.objects.filter(item__in=reviewed).order_by("pk"))
    forms = Form.objects.in_bulk({each.form_id for each in given})
    found: dict[uuid.UUID, list[str]] = {}
    for each in given:
        words = found.setdefault(reviewed[each.item_id], [])
        unclear = questions.contradiction_in(each.answer)
        words.append(f"{_in_words(each, forms[each.form_id])}{' (unclear)' if unclear else ''}")
    return found


def _in_words(row: Annotation, form: Form) -> str:
    [asked] = [each for each in form.questions if each["name"] == questions.VERDICT]
    return label.summarize(asked, row.answer[questions.VERDICT], ())


def _verdict(row: Annotation, form: Form, titles: dict[str, str], is_current: bool) -> Verdict:
    verdict, rule = row.answer[questions.VERDICT], row.answer.get(questions.RULE, "")
    rule = "" if rule == questions.NO_RULE else rule
    unclear = questions.contradiction_in(row.answer)
    return Verdict(
        pseudonym=row.enrollment.pseudonym,
        verdict=verdict,
        words=_in_words(row, form),
        rule=rule,
        rule_title=titles.get(rule, ""),
        note=row.answer.get(questions.NOTE, ""),
        given_at=row.submitted_at,
        unclear=unclear,
        counts=not unclear
        and is_current
        and row.state != Annotation.State.REJECTED
        and not row.set_aside,
    )


@dataclass(frozen=True, slots=True)
class Reviews:
    """The projects in which a project's answers are reviewed, the newest first."""

    projects: list[Project]


def on_project(project: Project) -> Reviews | None:
    """Return the projects in which this project's answers are reviewed; None for a review itself."""
    if project.purpose != Project.Purpose.WORK:
        return None
    rows = Project.objects.filter(parent=project).order_by("-pk")
    return Reviews(list(rows[:MOST_PROJECTS]))


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The project whose answers a project reviews."""

    id: uuid.UUID
    name: str


def on_head(project: Project) -> Reviewed | None:
    """Return the project whose answers this project reviews; None if it is no review."""
    if project.parent_id is None:
        return None
    name = Project.objects.values_list("name", flat=True).get(pk=project.parent_id)
    return Reviewed(project.parent_id, name)


@dataclass(frozen=True, slots=True)
class Undecided:
    """How many answers of a batch wait for a decision, and how many of these have flags; at most `MOST` + 1 each."""

    answers: int
    flagged: int

    @property
    def is_more(self) -> bool:
        """Whether there are more answers than one review takes."""
        return self.answers > MOST


_UNDECIDED = """
    SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT 1 FROM projects_review_flag f WHERE f.annotation_id = a.id))
    FROM (SELECT id FROM projects_work_annotation WHERE project_id = %s AND batch_id = %s AND state = 'submitted'
            AND purpose = 'data' LIMIT %s) a
"""


def undecided_of(batch: Batch) -> Undecided:
    """Count the answers of a batch that wait for a decision, up to one more than a review takes."""
    with connection.cursor() as cursor:
        cursor.execute(_UNDECIDED, [batch.project_id, batch.pk, MOST + 1])
        return Undecided(*cursor.fetchone())
