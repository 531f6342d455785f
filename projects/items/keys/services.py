"""Services of keys: store them, pick an item, retire a key and restore it."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from projects.items import pools
from projects.items.keys import given as keys_given
from projects.items.keys.given import GivenKey
from projects.items.models import Batch, Item, Key
from projects.kinds.problems import Problem
from projects.plan.models import Project
from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock

MOST_REASON_CHARS = 500


class KeyDiffers(Refused):
    """Raised if a person who has a key on a question gives another answer; `item_id` names the item."""

    def __init__(self, item_id: uuid.UUID, by: str, question: str) -> None:
        words = (
            f"{by} already gave another right answer to the question “{question}” about this item. Retire that one "
            "first, or give this answer under another name."
        )
        super().__init__("key_differs", words, status=409)
        self.item_id = item_id


def store(
    *,
    pool: Batch,
    given: Mapping[uuid.UUID, Sequence[GivenKey]],
    source: Key.Source,
    actor_id: uuid.UUID | None,
) -> int:
    """Store right answers to items of the pool, by item. Workspace plane, inside a transaction.

    An answer that its person gave before is left as it is.

    Returns: how many keys were made, one for each person and question.
    Raises: KeyDiffers if a person gives another answer than before.
    """
    Batch.every.select_for_update().get(pk=pool.pk)
    known = {
        (key.item_id, key.question, key.by): key.answer
        for key in Key.objects.filter(project=pool.project_id, item__in=given, retired_at=None)
    }
    made: list[Key] = []
    for item_id, answers in given.items():
        for one in answers:
            for question, answer in one.answer.items():
                before = known.setdefault((item_id, question, one.by), answer)
                if before is answer:
                    made.append(_key(pool, item_id, one, question, answer, source, actor_id))
                elif before != answer:
                    raise KeyDiffers(item_id, one.by, question)
    Key.objects.bulk_create(made, batch_size=500)
    return len(made)


def _key(
    pool: Batch,
    item_id: uuid.UUID,
    one: GivenKey,
    question: str,
    answer: Any,
    source: Key.Source,
    actor_id: uuid.UUID | None,
) -> Key:
    return Key(
        workspace_id=pool.workspace_id,
        project_id=pool.project_id,
        item_id=item_id,
        question=question,
        answer=answer,
        by=one.by,
        source=source,
        rule=one.rule,
        note=one.note,
        created_by_id=actor_id,
    )


def pick(
    *,
    item: Item,
    answer: Any,
    by: str,
    rule: str = "",
    note: str = "",
    source: Key.Source = Key.Source.PICKED,
    actor_id: uuid.UUID | None,
) -> Item:
    """Give the right answer to an item, and copy the item into the pool unless it is there. Workspace plane.

    `answer` names responses by their index, as text.

    Returns: the keyed item.
    Raises: Refused for an answer that the form does not take, naming the field; KeyDiffers.
    """
    project = Project.objects.select_related("form").get(pk=item.project_id)
    questions = project.form.questions if project.form else []
    entry = {"by": by, "answer": answer, "rule": rule, "note": note}
    found = keys_given.read(questions, [entry], len(item.responses))
    if found.problems:
        raise _refused(found.problems)
    if rule and rule not in rules_in_force(project):
        raise invalid("rule", f"The guidelines in force have no rule {rule}.")
    pool = pools.pool_of(project)
    keyed = pools.copied(item=item, pool=pool)
    store(pool=pool, given={keyed.pk: found.given}, source=source, actor_id=actor_id)
    audit.note("key.pick", keyed.pk, actor_id=actor_id, data={"item": str(item.pk)})
    return keyed


def rules_in_force(project: Project) -> set[str]:
    """Return the ids of the rules in the project's guidelines in force; none before any."""
    in_force = project.guideline_version
    return {rule["id"] for rule in in_force.rules} if in_force else set()


def _refused(problems: Sequence[Problem]) -> Refused:
    errors = [
        {
            "row": None,
            "field": one["field"].removeprefix("[0]").removeprefix(".").removeprefix("answer."),
            "message": one["message"],
        }
        for one in problems
    ]
    words = "; ".join(f"{each['field']}: {each['message']}" for each in errors[:5])
    return Refused("invalid", words, errors=errors)


def retire(*, key: Key, because: str, actor_id: uuid.UUID | None) -> Key:
    """Retire a key: it no longer counts, and its item may stop being gold. Retiring it again does nothing.

    Raises: Refused without a reason, or for one longer than 500 characters.
    """
    because = written("because", because, most=MOST_REASON_CHARS)
    key = Key.objects.select_for_update().get(pk=key.pk)
    if key.retired_at is None:
        key.retired_at, key.retired_because = clock.now(), because
        key.save(update_fields=["retired_at", "retired_because"])
        audit.note("key.retire", key.pk, actor_id=actor_id, data={"because": because})
    return key


def restore(*, key: Key, actor_id: uuid.UUID | None) -> Key:
    """Let a retired key count again. Restoring a key that counts does nothing.

    Raises: Refused (`key_differs`) if its person has given another answer since.
    """
    key = Key.objects.select_for_update().get(pk=key.pk)
    if key.retired_at is None:
        return key
    key.retired_at, key.retired_because, key.restored_at = None, "", clock.now()
    try:
        with transaction.atomic():
            key.save(update_fields=["retired_at", "retired_because", "restored_at"])
    except IntegrityError as error:
        raise KeyDiffers(key.item_id, key.by, key.question) from error
    audit.note("key.restore", key.pk, actor_id=actor_id)
    return key
