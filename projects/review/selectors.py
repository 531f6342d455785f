"""An answer as its review page shows it: in the order of responses that its annotator saw. Workspace plane."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from projects.kinds import form as kinds
from projects.kinds.protocol import Question
from projects.plan.models import Form, Project
from projects.review.models import Flag
from projects.work.models import Annotation, Purpose

# The most characters of one item or answer on a page of many. The page of a single answer shows all of it.
PROMPT_CHARS = 8_000
RESPONSES_CHARS = 16_000
SUMMARY_CHARS = 2_000
_MESSAGE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a prompt or of a response."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class ShownResponse:
    """A response and what the answer says of it.

    `index` is its index in the stored item, from which its letter on pages of the whole item comes. `marks` are short
    words. `chosen` is whether the answer marks this response and not all of them.
    """

    index: int
    messages: list[Message]
    marks: list[str]
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """An annotation with its item, `responses` in the order that its annotator saw.

    `summary` has a line for each question answered, in which A is the response that the annotator saw first. `flags`
    are the reasons to look at it, in words. `own` is whether the reviewer made the annotation, so that another person
    must decide. `waits` is whether it is undecided, and `refusable` whether it can also be sent back or rejected:
    answers that measure their annotator cannot.
    """

    annotation: Annotation
    pseudonym: str
    prompt: list[Message]
    responses: list[ShownResponse]
    summary: list[str]
    flags: list[str]
    price_minor: int
    currency: str
    decide_by: datetime
    seconds: float
    own: bool
    waits: bool
    refusable: bool


def one(project: Project, annotation_id: uuid.UUID) -> Annotation | None:
    """Return an annotation of this project, decided or not, or None."""
    rows = Annotation.objects.filter(project=project, pk=annotation_id)
    joined = rows.select_related("lease", "item", "enrollment", "guideline_version", "project")
    return joined.first()


def shown(row: Annotation, reviewer_id: uuid.UUID) -> ShownAnswer:
    """Return the annotation as its page shows it."""
    questions = Form.objects.get(pk=row.form_id).questions
    return _shown(row, questions, flags_of([row]).get(row.pk, []), reviewer_id)


def flags_of(rows: Sequence[Annotation]) -> dict[uuid.UUID, list[str]]:
    """Return the flags of these annotations in words, those of more weight first, by the annotation's id."""
    found: dict[uuid.UUID, list[str]] = {}
    for flag in Flag.objects.filter(annotation__in=rows).order_by("-weight", "pk"):
        found.setdefault(flag.annotation_id, []).append(flag.get_reason_display())
    return found


def _shown(
    row: Annotation, questions: Sequence[Question], flags: list[str], reviewer_id: uuid.UUID
) -> ShownAnswer:
    return ShownAnswer(
        annotation=row,
        pseudonym=row.enrollment.pseudonym,
        prompt=messages_of(row.item.prompt),
        responses=responses_of(row, kinds.marks_of(questions, row.answer)),
        summary=kinds.summary_of(questions, row.answer, row.lease.shown),
        flags=flags,
        price_minor=row.price_minor,
        currency=row.currency,
        decide_by=row.decide_by,
        seconds=row.seconds,
        own=row.annotator_id == reviewer_id,
        waits=row.state == Annotation.State.SUBMITTED,
        refusable=row.state == Annotation.State.SUBMITTED and row.purpose == Purpose.DATA,
    )


def responses_of(row: Annotation, marks: dict[int, list[str]]) -> list[ShownResponse]:
    order = row.lease.shown
    return [
        ShownResponse(
            index=index,
            messages=messages_of(row.item.responses[index]["messages"]),
            marks=marks.get(index, []),
            chosen=index in marks and len(marks) < len(order),
        )
        for index in order
    ]


def messages_of(stored: Iterable[dict[str, str]]) -> list[Message]:
    """Return stored messages as pages show them."""
    return [Message(message["role"], message["content"]) for message in stored]


def beginning_of(messages: Iterable[Message], most: int) -> list[Message]:
    """Return messages up to `most` characters. A short one counts as _MESSAGE_CHARS, because its markup takes room."""
    kept = []
    for message in messages:
        if most <= 0:
            break
        kept.append(replace(message, content=message.content[:most]))
        most -= max(len(message.content), _MESSAGE_CHARS)
    return kept


def first_lines(lines: Iterable[str], most: int) -> list[str]:
    """Return lines up to `most` characters together."""
    kept = []
    for line in lines:
        if most <= 0:
            break
        kept.append(line[:most])
        most -= len(line)
    return kept


def of_project(project: Project, keys: Iterable[str]) -> list[uuid.UUID]:
    """Return those of the ids in a form, 500 at most, that are annotations of this project."""
    ids = []
    for key in keys:
        try:
            ids.append(uuid.UUID(key))
        except ValueError:
            continue
    return list(
        Annotation.objects.filter(project=project, pk__in=ids[:500]).values_list("pk", flat=True)
    )
