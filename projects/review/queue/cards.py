"""Items as the reviewers' queue shows them: with all their answers side by side. Workspace plane."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from projects.items.models import Item
from projects.kinds import form as kinds
from projects.plan.models import Form, Project
from projects.review.adjudication.selectors import answered_by
from projects.review.bulk.models import BulkAnswer
from projects.review.children import advice
from projects.review.queue import orders
from projects.review.queue.orders import Filters, Ranked
from projects.review.samples.models import SampleAnswer
from projects.review.selectors import (
    PROMPT_CHARS,
    RESPONSES_CHARS,
    SUMMARY_CHARS,
    Message,
    beginning_of,
    first_lines,
    flags_of,
    messages_of,
)
from projects.work.models import Annotation, Purpose


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """One answer to an item. Its letters are those of the card's responses.

    `summary` has a line for each question answered. `shown` are the stored indexes of the responses in the order that
    the annotator saw, and `seen` their letters in that order, empty if the card has the same order. `flags` are reasons
    to look at it. `state` is the annotation's. `own` is whether the reviewer made it; `waits` is whether it is
    undecided. `accepted_at` is when a bulk accept takes effect that it is in; None if it is in none. `in_sample` is
    whether it is in the sample that is being checked. `verdicts` are what paid reviewers say of it, in words.
    """

    id: uuid.UUID
    pseudonym: str
    summary: list[str]
    shown: list[int]
    seen: list[int]
    flags: list[str]
    seconds: float
    price_minor: int
    fee_minor: int
    currency: str
    state: str
    set_aside: bool
    submitted_at: datetime
    decide_by: datetime
    own: bool
    waits: bool
    accepted_at: datetime | None
    in_sample: bool
    verdicts: list[str]


@dataclass(frozen=True, slots=True)
class CardResponse:
    """A response of the item; `position` is where it stands on the card, which gives its letter."""

    position: int
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class Card:
    """An item with all its answers for data, decided ones too, oldest first.

    The responses of an item with one answer are in the order that its annotator saw, so that A means the same to both.
    Several answers can only be compared in one order, which is the stored one.
    `shortened` is whether texts are cut to fit a page of many. `own` is whether the reviewer answered the item, or
    holds it: they give no final answer to it.
    """

    id: uuid.UUID
    external_id: str
    batch: str
    prompt: list[Message]
    responses: list[CardResponse]
    answers: list[CardAnswer]
    shortened: bool
    own: bool

    @property
    def waiting(self) -> int:
        """How many of the answers are undecided."""
        return sum(answer.waits for answer in self.answers)


def cards_of(
    project: Project,
    item_ids: Sequence[uuid.UUID],
    reviewer_id: uuid.UUID,
    *,
    sample_id: uuid.UUID | None = None,
    as_stored: bool = False,
) -> list[Card]:
    """Return the items with these ids as cards, in this order; `as_stored` leaves all responses in stored order."""
    items = Item.objects.select_related("batch").defer("context", "metadata").in_bulk(item_ids)
    rows = list(
        Annotation.objects.filter(project=project, item__in=item_ids, purpose=Purpose.DATA)
        .select_related("enrollment", "lease")
        .order_by("pk")
    )
    answers = _Answers(rows, reviewer_id, sample_id)
    by_item: dict[uuid.UUID, list[Annotation]] = {}
    for row in rows:
        by_item.setdefault(row.item_id, []).append(row)
    cards, own = [], answered_by(reviewer_id, item_ids)
    for key in item_ids:
        if key in items:
            given = by_item.get(key, [])
            order = _order(items[key], [] if as_stored else given)
            shown = [answers.shown(row, order) for row in given]
            cards.append(_card(items[key], order, shown, own=key in own))
    return cards


def _order(item: Item, given: Sequence[Annotation]) -> list[int]:
    """Return the stored indexes of the responses in the card's order: the annotator's if there is only one."""
    if len(given) == 1:
        return list(given[0].lease.shown)
    return list(range(len(item.responses)))


class _Answers:
    """What the cards say of these annotations, read for all of them at once."""

    def __init__(
        self, rows: Sequence[Annotation], reviewer_id: uuid.UUID, sample_id: uuid.UUID | None
    ) -> None:
        self.reviewer_id = reviewer_id
        self.forms = Form.objects.in_bulk({row.form_id for row in rows})
        self.flags = flags_of(rows)
        self.verdicts = advice.verdicts_of([row.pk for row in rows])
        pending = BulkAnswer.objects.filter(annotation__in=rows, outcome="")
        self.accepted_at: dict[uuid.UUID, datetime] = dict(
            pending.values_list("annotation", "bulk_accept__takes_effect_at")
        )
        self.sampled: set[uuid.UUID] = set()
        if sample_id:
            sample = SampleAnswer.objects.filter(sample_check=sample_id, annotation__in=rows)
            self.sampled = set(sample.values_list("annotation", flat=True))

    def shown(self, row: Annotation, order: list[int]) -> CardAnswer:
        shown = list(row.lease.shown)
        waits = row.state == Annotation.State.SUBMITTED
        summary = kinds.summary_of(self.forms[row.form_id].questions, row.answer, order)
        return CardAnswer(
            id=row.pk,
            pseudonym=row.enrollment.pseudonym,
            summary=summary,
            shown=shown,
            seen=[] if shown == order else [order.index(index) for index in shown],
            flags=self.flags.get(row.pk, []),
            seconds=row.seconds,
            price_minor=row.price_minor,
            fee_minor=row.fee_minor,
            currency=row.currency,
            state=row.state,
            set_aside=row.set_aside,
            submitted_at=row.submitted_at,
            decide_by=row.decide_by,
            own=row.annotator_id == self.reviewer_id,
            waits=waits,
            accepted_at=self.accepted_at.get(row.pk) if waits else None,
            in_sample=row.pk in self.sampled,
            verdicts=self.verdicts.get(row.pk, []),
        )


def _card(item: Item, order: Sequence[int], answers: list[CardAnswer], *, own: bool) -> Card:
    prompt = messages_of(item.prompt)
    responses = [messages_of(item.responses[index]["messages"]) for index in order]
    most = RESPONSES_CHARS // max(len(responses), 1)
    short_prompt = beginning_of(prompt, PROMPT_CHARS)
    short = [beginning_of(each, most) for each in responses]
    summaries = [first_lines(answer.summary, SUMMARY_CHARS) for answer in answers]
    return Card(
        id=item.pk,
        external_id=item.external_id,
        batch=str(item.batch),
        prompt=short_prompt,
        responses=[CardResponse(position, each) for position, each in enumerate(short)],
        answers=[
            replace(answer, summary=lines) for answer, lines in zip(answers, summaries, strict=True)
        ],
        shortened=(short_prompt, short, summaries)
        != (prompt, responses, [answer.summary for answer in answers]),
        own=own,
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue: its cards, and the items as they rank, with one item more if there are more."""

    cards: list[Card]
    ranked: list[Ranked]


def page_of(
    project: Project,
    filters: Filters,
    after: Ranked | None,
    reviewer_id: uuid.UUID,
    *,
    size: int,
    as_stored: bool = False,
) -> Queue:
    """Return the cards of up to `size` items, after `after`."""
    found = orders.ranked(project.pk, filters, after, limit=size + 1)
    ids = [one.item_id for one in found[:size]]
    sample_id = filters.sample_id
    found_cards = cards_of(project, ids, reviewer_id, sample_id=sample_id, as_stored=as_stored)
    return Queue(found_cards, found)
