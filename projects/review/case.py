"""What whoever decides an appeal reads: item, answer, cited rule and both statements. No names and no votes."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime

from projects.kinds import form as kinds
from projects.plan.models import Form, GuidelineVersion
from projects.review.models import Appeal, Decision, Return
from projects.review.selectors import Message, ShownResponse, messages_of, responses_of
from rlhfhub.web.headings import sections_of


@dataclass(frozen=True, slots=True)
class Case:
    """An appeal to decide. `responses` stand in the order that the annotator saw.

    `summary` has a line for each question answered, in which A is the response that the annotator saw first, as in both
    statements. `rule` is the cited rule's id, title and text, as the annotator
    could read it. `context` is the item's, as JSON text; empty if there is none. `returned_note` is what the annotator
    was asked to revise before; empty if nothing. `outcome` is None while the appeal waits. `left_to_staff` is why no
    annotator can be asked to decide it; empty unless that is so.
    """

    annotation_id: uuid.UUID
    prompt: list[Message]
    responses: list[ShownResponse]
    context: str
    summary: list[str]
    returned_note: str
    reason: str
    rule_id: str
    rule_title: str
    rule_text: str
    note: str
    statement: str
    decide_by: datetime
    outcome: str | None
    left_to_staff: str


def of_appeal(appeal_id: str) -> Case | None:
    """Return the case of an appeal, or None for an unknown id. Staff plane."""
    try:
        key = uuid.UUID(appeal_id)
    except ValueError:
        return None
    rows = Appeal.objects.select_related(
        "annotation__item", "annotation__lease", "annotation__guideline_version"
    )
    found = rows.filter(pk=key).first()
    return _case(found) if found else None


def _case(appeal: Appeal) -> Case:
    row = appeal.annotation
    questions = Form.objects.get(pk=row.form_id).questions
    decisions = {one.stage: one for one in Decision.objects.filter(annotation=row)}
    rejection, end = decisions[1], decisions.get(2)
    back = Return.objects.filter(annotation=row).first()
    title, text = _rule(row.guideline_version, rejection.rule)
    return Case(
        annotation_id=row.pk,
        prompt=messages_of(row.item.prompt),
        responses=responses_of(row, kinds.marks_of(questions, row.answer)),
        context=json.dumps(row.item.context, ensure_ascii=False, indent=2)
        if row.item.context
        else "",
        returned_note=back.note if back else "",
        summary=kinds.summary_of(questions, row.answer, row.lease.shown),
        reason=rejection.get_reason_display(),
        rule_id=rejection.rule,
        rule_title=title,
        rule_text=text,
        note=rejection.note,
        statement=appeal.statement,
        decide_by=appeal.decide_by,
        outcome=str(end.verdict) if end else None,
        left_to_staff=appeal.left_to_staff,
    )


def _rule(version: GuidelineVersion, rule_id: str) -> tuple[str, str]:
    """Return the title of a rule, and the text below its heading."""
    for rule, section in zip(version.rules, sections_of(version.text), strict=False):
        if rule["id"] == rule_id:
            return str(rule["title"]), section.text
    return "", ""
