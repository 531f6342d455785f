"""Answers that wait for a decision, shown as their annotator saw them. Workspace plane."""

import uuid
from collections.abc import Iterable
from typing import Any

from projects.kinds import form as kinds
from projects.plan.models import Form, Project
from projects.work.models import Annotation

PAGE = 20
# Of one answer on a page of twenty: what is longer is shown by itself (`one`).
PROMPT_CHARS = 8_000
RESPONSES_CHARS = 16_000
SUMMARY_CHARS = 2_000
_MESSAGE_CHARS = 80


def waiting(project: Project, after: uuid.UUID | None) -> list[Annotation]:
    """Undecided answers, oldest first: a page and one more."""
    rows = Annotation.objects.filter(project=project, state=Annotation.State.SUBMITTED)
    if after:
        rows = rows.filter(pk__gt=after)
    return list(rows.select_related("lease", "item", "enrollment").order_by("pk")[: PAGE + 1])


def one(project: Project, annotation_id: uuid.UUID) -> Annotation | None:
    """An answer of this project, decided or not."""
    rows = Annotation.objects.filter(project=project, pk=annotation_id)
    return rows.select_related("lease", "item", "enrollment").first()


def shown(
    annotations: Iterable[Annotation], reviewer_id: uuid.UUID, *, whole: bool = False
) -> list[dict[str, Any]]:
    """The rows of the page of reviews; shortened, unless `whole`, to what a page of them may hold."""
    rows = list(annotations)
    forms = Form.objects.in_bulk({row.form_id for row in rows})
    found = [_shown(row, forms[row.form_id].questions, reviewer_id) for row in rows]
    return found if whole else [_shortened(row) for row in found]


def _shown(
    row: Annotation, questions: list[dict[str, Any]], reviewer_id: uuid.UUID
) -> dict[str, Any]:
    marks = kinds.marks_of(questions, row.answer)
    return {
        "annotation": row,
        "pseudonym": row.enrollment.pseudonym,
        "prompt": _messages(row.item.prompt, "user"),
        "responses": [
            {
                "messages": _of_response(row.item.responses[index]),
                "marks": marks.get(index, []),
                # Marks on some of the responses only set those apart.
                "chosen": index in marks and len(marks) < len(row.lease.shown),
            }
            for index in row.lease.shown
        ],
        "summary": kinds.summary_of(questions, row.answer, row.lease.shown),
        "price_minor": row.price_minor,
        "currency": row.currency,
        "decide_by": row.decide_by,
        "seconds": row.seconds,
        "own": row.annotator_id == reviewer_id,
        "waits": row.state == Annotation.State.SUBMITTED,
        "shortened": False,
    }


def _shortened(row: dict[str, Any]) -> dict[str, Any]:
    """The same row, each text's beginning only; `shortened` says whether something is left out."""
    each = RESPONSES_CHARS // max(len(row["responses"]), 1)
    prompt = _beginning(row["prompt"], PROMPT_CHARS)
    responses = [
        response | {"messages": _beginning(response["messages"], each)}
        for response in row["responses"]
    ]
    summary = _first_lines(row["summary"], SUMMARY_CHARS)
    short = {"prompt": prompt, "responses": responses, "summary": summary}
    return row | short | {"shortened": any(row[name] != short[name] for name in short)}


def _beginning(messages: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """Messages up to `most` characters; one counts as _MESSAGE_CHARS at least, for its frame."""
    kept = []
    for message in messages:
        if most <= 0:
            break
        kept.append(message | {"content": message["content"][:most]})
        most -= max(len(message["content"]), _MESSAGE_CHARS)
    return kept


def _first_lines(lines: list[str], most: int) -> list[str]:
    """Lines up to `most` characters together."""
    kept = []
    for line in lines:
        if most <= 0:
            break
        kept.append(line[:most])
        most -= len(line)
    return kept


def _of_response(response: dict[str, Any]) -> list[dict[str, Any]]:
    return _messages(response.get("messages") or response.get("text", ""), "assistant")


def _messages(content: Any, role: str) -> list[dict[str, Any]]:
    return [{"role": role, "content": content}] if isinstance(content, str) else list(content)


def of_project(project: Project, keys: Iterable[str]) -> list[uuid.UUID]:
    """Those of the ids a form sent that are answers of this project."""
    ids = []
    for key in keys:
        try:
            ids.append(uuid.UUID(key))
        except ValueError:
            continue
    return list(
        Annotation.objects.filter(project=project, pk__in=ids[:500]).values_list("pk", flat=True)
    )
