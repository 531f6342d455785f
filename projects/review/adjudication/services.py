"""Give an item's final answer, and withdraw it."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction

from projects.items.models import Item
from projects.kinds import form as forms
from projects.review.adjudication.models import Adjudication
from projects.work.services.annotations import form_questions
from rlhfhub.events import outbox
from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock
from rlhfhub.tenancy.raw import constraint_of

ADJUDICATED = "review.adjudicated"
NOTE_CHARS = 2000
_REFUSALS = {
    "adjudication_number_once": (
        "adjudicated",
        "Somebody else gave or withdrew the final answer to this item since you opened it. Read theirs first.",
    ),
    "adjudication_of_item": (
        "unanswered",
        "Nobody has answered this item yet, so there is nothing to decide. Wait for the first answer.",
    ),
    "adjudication_not_own": (
        "own_work",
        "You answered this item or hold it on your desk, or an account that staff linked with yours does. Another "
        "member gives its final answer.",
    ),
    "adjudication_follows": ("not_adjudicated", "This item has no final answer to withdraw."),
}


def give(
    *, item_id: uuid.UUID, answer: Any, note: str, seen: int, reviewer_id: uuid.UUID
) -> Adjudication:
    """Give the final answer to an item in the name of a member. Workspace plane.

    `answer` names responses by their index in the item, as text. `seen` is the number of the newest final answer or
    withdrawal that the member saw; 0 if there was none.

    Raises: Refused for an answer that the item's form does not take, naming each wrong field; for a note that says
    nothing; for an item that nobody answered, or that the member answered; and if somebody gave or withdrew a final
    answer after the one that was seen.
    """
    row = _next(item_id, note, seen, reviewer_id)
    keys = [str(index) for index in range(len(row.item.responses))]
    row.answer = _stored(form_questions(row.form_id), answer, keys)
    row.units, row.judged = forms.judgments_of(form_questions(row.form_id), row.answer)
    return _saved(row)


def withdraw(*, item_id: uuid.UUID, note: str, seen: int, reviewer_id: uuid.UUID) -> Adjudication:
    """Withdraw the final answer that stands, so that the consensus counts again. Workspace plane.

    Raises: Refused as `give` does, and if the item has no final answer.
    """
    row = _next(item_id, note, seen, reviewer_id)
    row.withdrawn = True
    return _saved(row)


def _next(item_id: uuid.UUID, note: str, seen: int, reviewer_id: uuid.UUID) -> Adjudication:
    """Return the item's next adjudication, without an answer and not saved."""
    words, item = written("note", note, most=NOTE_CHARS, least=10), _item(item_id)
    numbers = Adjudication.objects.filter(item=item).order_by("-number")
    if (numbers.values_list("number", flat=True).first() or 0) != seen:
        raise _refused("adjudication_number_once")
    return Adjudication(
        workspace_id=item.workspace_id,
        project_id=item.project_id,
        item=item,
        form_id=item.batch.form_id,
        guideline_version_id=item.project.guideline_version_id,
        number=seen + 1,
        answer={},
        units=[],
        judged=[],
        reviewer_id=reviewer_id,
        note=words,
    )


def _item(item_id: uuid.UUID) -> Item:
    """Return the item with its batch and project. Raises: Refused if there is none, or its batch is not funded."""
    item: Item | None = Item.objects.select_related("batch", "project").filter(pk=item_id).first()
    if item is None:
        raise Refused("not_found", "Not found.", status=404)
    if item.batch.form_id is None:
        raise _refused("adjudication_of_item")
    return item


def _stored(questions: list[dict[str, Any]], answer: Any, keys: list[str]) -> dict[str, Any]:
    problems = forms.check_answer(forms.texts_optional(questions), answer, keys)
    if problems:
        words = "; ".join(f"{one['field']}: {one['message']}" for one in problems[:5])
        raise Refused("invalid", words, errors=[{"row": None, **one} for one in problems])
    stored = forms.restore_answer(questions, answer, keys, list(range(len(keys))))
    if not stored:
        raise invalid("answer", "Answer at least one question.")
    return stored


def _saved(row: Adjudication) -> Adjudication:
    row.decided_at = clock.now()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        constraint = constraint_of(error)
        if constraint not in _REFUSALS:
            raise
        raise _refused(constraint) from error
    data = {"item_id": str(row.item_id), "number": row.number, "withdrawn": row.withdrawn}
    verb = "item.withdraw_adjudication" if row.withdrawn else "item.adjudicate"
    audit.note(verb, row.item_id, actor_id=row.reviewer_id, data={"number": row.number})
    outbox.emit(
        kind=ADJUDICATED, workspace_id=row.workspace_id, subject_id=row.project_id, data=data
    )
    return row


def _refused(constraint: str) -> Refused:
    code, words = _REFUSALS[constraint]
    return Refused(code, words, status=409)
