"""One item with all its answers side by side, the consensus on them, and its returns. Workspace plane."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from projects.items.models import Item
from projects.kinds import form as forms
from projects.kinds.protocol import Scale
from projects.kinds.units import in_words, parsed
from projects.overview.items import Lead, leads_of
from projects.plan.models import Project
from projects.quality import selectors
from projects.quality.models import Tally
from projects.review.adjudication import selectors as adjudications
from projects.review.adjudication.selectors import FinalAnswers
from projects.review.models import Return
from projects.stats.consensus import PRIOR_ACCURACY
from projects.work.models import Annotation, Lease
from projects.work.services.annotations import RETURN_REASONS, form_questions


@dataclass(frozen=True, slots=True)
class Answer:
    """One annotation.

    `shown` is the indexes of the item's responses in the order in which the annotator saw them. `summary` is one line
    for each answered question, and `marks` is short words about responses by their index; both name responses by their
    order in the item (A is index 0), as all pages of members do. `revisions` is what reviewers asked the annotator to
    revise.
    """

    id: uuid.UUID
    annotator: str
    shown: list[int]
    summary: list[str]
    marks: dict[int, list[str]]
    seconds: float
    state: str
    set_aside: bool
    guideline_version: int
    submitted_at: datetime
    revised_at: datetime | None
    revisions: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Votes:
    """The number of counted answers in one category of the scale."""

    words: str
    count: int


@dataclass(frozen=True, slots=True)
class FacetConsensus:
    """The consensus of the counted answers on one facet.

    `words` name the facet. They are empty if the question has only one: the item, or its only pair of responses.
    """

    unit: str
    words: str
    votes: list[Votes]
    lead: Lead


@dataclass(frozen=True, slots=True)
class QuestionConsensus:
    """The consensus on one question of the form, by facet."""

    question: str
    title: str
    facets: list[FacetConsensus]


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """How many annotators returned the item unanswered for this reason, and their notes, the oldest first."""

    reason: str
    count: int
    notes: list[str]


@dataclass(frozen=True, slots=True)
class OneItem:
    """An item as it was imported, with its answers, the consensus on them, its final answers, and its returns."""

    item: Item
    answers: list[Answer]
    consensus: list[QuestionConsensus]
    final: FinalAnswers
    returns: list[ReturnReason]

    @property
    def marks(self) -> dict[int, list[str]]:
        """The marks of all counted answers by response, such as "helpful" or, for three times, "helpful × 3"."""
        counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for answer in self.answers:
            if answer.set_aside or answer.state not in _COUNTED:
                continue
            for index, words in answer.marks.items():
                for word in words:
                    counts[index][word] = counts[index].get(word, 0) + 1
        return {
            index: [word if n == 1 else f"{word} × {n}" for word, n in words.items()]
            for index, words in counts.items()
        }


_COUNTED = {Annotation.State.SUBMITTED, Annotation.State.ACCEPTED}


def item_of(item: Item, project: Project) -> OneItem:
    """The item with its answers, consensus, final answers and returns. There are none of these before it is funded."""
    return OneItem(
        item=item,
        answers=_answers(item),
        consensus=_consensus(item, project),
        final=adjudications.of_item(item),
        returns=_returns(item, project),
    )


def _answers(item: Item) -> list[Answer]:
    rows = Annotation.objects.filter(item=item).order_by("pk")
    rows = rows.select_related("lease", "enrollment", "guideline_version")
    found = list(rows.defer("guideline_version__text"))
    revisions = defaultdict(list)
    asked = Return.objects.filter(annotation__in=found).order_by("returned_at")
    for annotation_id, note in asked.values_list("annotation_id", "note"):
        revisions[annotation_id].append(note)
    stored_order = range(len(item.responses))
    return [_answer(row, stored_order, revisions[row.pk]) for row in found]


def _answer(row: Annotation, stored_order: Sequence[int], revisions: list[str]) -> Answer:
    questions = form_questions(row.form_id)
    return Answer(
        id=row.pk,
        annotator=row.enrollment.pseudonym,
        shown=row.lease.shown,
        summary=forms.summary_of(questions, row.answer, stored_order),
        marks=forms.marks_of(questions, row.answer),
        seconds=row.seconds,
        state=row.state,
        set_aside=row.set_aside,
        guideline_version=row.guideline_version.number,
        submitted_at=row.submitted_at,
        revised_at=row.revised_at,
        revisions=revisions,
    )


def _consensus(item: Item, project: Project) -> list[QuestionConsensus]:
    scales, titles = selectors.scales_of(project), selectors.titles_of(project)
    tallies = {row.question: row for row in Tally.objects.filter(item=item)}
    accuracy = selectors.accuracy_now(project.pk) if tallies else {}
    return [
        QuestionConsensus(
            question=name,
            title=titles[name],
            facets=_facets(tallies[name], scale, accuracy.get(name, PRIOR_ACCURACY)),
        )
        for name, scale in scales.items()
        if name in tallies
    ]


def _facets(tally: Tally, scale: Scale, accuracy: float) -> list[FacetConsensus]:
    several = len(tally.facets) > 1
    leads = leads_of(tally, scale, accuracy)
    return [
        FacetConsensus(
            unit=unit,
            words=in_words(parsed(unit)[1]) if several else "",
            votes=[
                Votes(category.words, count)
                for category, count in zip(scale.categories, votes, strict=True)
                if count
            ],
            lead=lead,
        )
        for unit, votes, lead in zip(tally.facets, tally.counted, leads, strict=True)
    ]


def _returns(item: Item, project: Project) -> list[ReturnReason]:
    """The reasons for which annotators returned the item, the most frequent first."""
    rows = Lease.objects.filter(project=project, item=item, ended_as=Lease.EndedAs.RETURNED)
    rows = rows.exclude(return_reason="left")  # of the project: it says nothing about the item
    notes: dict[str, list[str]] = {reason: [] for reason in RETURN_REASONS}
    for reason, note in rows.order_by("ended_at").values_list("return_reason", "return_note"):
        notes.setdefault(reason, []).append(note)
    found = [
        ReturnReason(reason, len(all_), [note for note in all_ if note])
        for reason, all_ in notes.items()
        if all_
    ]
    return sorted(found, key=lambda one: -one.count)
