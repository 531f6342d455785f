"""Own answers that were rejected or sent back, as their annotator sees them. Annotator plane."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils.safestring import SafeString

from projects.kinds import form as forms
from projects.plan.models import GuidelineVersion
from projects.review.models import Decision, Return
from projects.review.own.outcomes import Outcome, outcomes_of
from projects.review.selectors import (
    PROMPT_CHARS,
    RESPONSES_CHARS,
    Message,
    beginning_of,
    messages_of,
)
from projects.work.models import Annotation
from projects.work.services.annotations import form_questions
from rlhfhub.tenancy.raw import unjson
from rlhfhub.web import markdown
from rlhfhub.web.headings import sections_of

PAGE = 10


def decided_of(person_id: uuid.UUID) -> QuerySet[Annotation]:
    """Return the person's answers in this workspace that were ever rejected or sent back.

    Each has `told_at`, when its annotator was last told something.
    """
    rejected = Decision.objects.filter(annotator_id=person_id).exclude(
        verdict=Decision.Verdict.ACCEPTED
    )
    returned = Return.objects.filter(annotator_id=person_id)
    here = {"annotation": OuterRef("pk")}
    last = rejected.filter(**here).order_by("-stage").values("decided_at")[:1]
    sent = returned.filter(**here).values("returned_at")
    told = rejected.values("annotation").union(returned.values("annotation"))
    rows = Annotation.objects.filter(pk__in=told, annotator_id=person_id)
    return rows.defer("purpose").annotate(told_at=Greatest(Subquery(last), Subquery(sent)))


@dataclass(frozen=True, slots=True)
class OwnItem:
    """What the desk showed of an item: prompt, the responses in their stored order, and context."""

    prompt: list[dict[str, str]]
    responses: list[list[dict[str, str]]]
    context: dict[str, Any]


def items_of(person_id: uuid.UUID, annotation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, OwnItem]:
    """Return the items of those of these answers that were rejected or sent back, by the answers' ids."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_own_items(%s, %s)", [person_id, list(annotation_ids)])
        return {row[0]: OwnItem(*map(unjson, row[1:])) for row in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Words:
    """What was answered to a question, in words; `title` is the question's."""

    title: str
    words: str


@dataclass(frozen=True, slots=True)
class CitedRule:
    """A rule of the guideline version numbered `version`. `html` is its text, formatted as in the guidelines; empty if
    the version's text is too deep to read. `in_force` is whether that version applies to new work.
    """

    id: str
    title: str
    html: SafeString
    version: int
    in_force: bool


@dataclass(frozen=True, slots=True)
class OwnDecision:
    """One own answer with its item, `responses` in the order that the desk showed, and what became of it.

    `answer` has a line for each question answered, in which A is the response that the desk showed first. `rule` is the
    one that a rejection cites. `decide_by` is when an answer that waits is accepted automatically. `shortened` is
    whether texts are cut.
    """

    id: uuid.UUID
    submitted_at: datetime
    revised_at: datetime | None
    decide_by: datetime
    price_minor: int
    currency: str
    outcome: Outcome
    rule: CitedRule | None
    answer: list[Words]
    prompt: list[Message]
    responses: list[list[Message]]
    context: dict[str, Any]
    shortened: bool = False


def shown(
    rows: Sequence[Annotation], in_force_id: uuid.UUID | None, *, whole: bool = False
) -> list[OwnDecision]:
    """Return answers of one person as their pages show them; their texts are shortened unless `whole`.

    The rows have their leases. `in_force_id` is the guideline version that applies to new work.
    """
    if not rows:
        return []
    ids, person = [row.pk for row in rows], rows[0].annotator_id
    outcomes, items = outcomes_of(person, ids), items_of(person, ids)
    rules = _rules({(row.guideline_version_id, outcomes[row.pk].rule) for row in rows})
    found = []
    for row in rows:
        rule = rules.get((row.guideline_version_id, outcomes[row.pk].rule))
        if rule:
            rule = replace(rule, in_force=row.guideline_version_id == in_force_id)
        found.append(_shown(row, outcomes[row.pk], items[row.pk], rule))
    return found if whole else [_shortened(one) for one in found]


def _rules(cited: set[tuple[uuid.UUID, str]]) -> dict[tuple[uuid.UUID, str], CitedRule]:
    """Return the rules that are cited, by their guideline version's id and their own."""
    found = {}
    versions = {version_id for version_id, rule_id in cited if rule_id}
    for version in GuidelineVersion.objects.filter(pk__in=versions):
        texts = [section.html for section in sections_of(version.text)]
        texts += [""] * (len(version.rules) - len(texts))
        for rule, html in zip(version.rules, texts, strict=False):
            key = version.pk, rule["id"]
            if key in cited:
                shown = markdown.part(html) if html else SafeString()
                found[key] = CitedRule(
                    rule["id"], rule["title"], shown, version.number, in_force=False
                )
    return found


def _shown(row: Annotation, outcome: Outcome, item: OwnItem, rule: CitedRule | None) -> OwnDecision:
    order = row.lease.shown
    answered = forms.titled_summary_of(form_questions(row.form_id), row.answer, order)
    return OwnDecision(
        id=row.pk,
        submitted_at=row.submitted_at,
        revised_at=row.revised_at,
        decide_by=row.decide_by,
        price_minor=row.price_minor,
        currency=row.currency,
        outcome=outcome,
        rule=rule,
        answer=[Words(*pair) for pair in answered],
        prompt=messages_of(item.prompt),
        responses=[messages_of(item.responses[index]) for index in order],
        context=item.context,
    )


def _shortened(one: OwnDecision) -> OwnDecision:
    most = RESPONSES_CHARS // max(len(one.responses), 1)
    short = replace(
        one,
        prompt=beginning_of(one.prompt, PROMPT_CHARS),
        responses=[beginning_of(messages, most) for messages in one.responses],
    )
    return replace(short, shortened=short != one)
