"""Compiles what a form requires of its items into rules for the import's reader."""

from collections.abc import Sequence
from typing import Any

from projects import kinds
from projects.formats.reading.item_rules import Fault, ItemRules
from projects.items.keys import given
from projects.kinds import form
from projects.kinds.protocol import Question

# Settings of a question that do not affect which items it can be asked about.
_WORDING = ("name", "title", "help", "required")


def rules_of(questions: Sequence[Question], *, keyed: bool = False) -> ItemRules:
    """Return the form's rules for items; `keyed` ones have a right answer each.

    Only questions whose kind checks the contents of items are run on each row, and questions that differ only in
    wording are run once: the reader itself counts responses and compares them.
    """
    least, most = form.responses_of(questions)
    checked = _distinct([question for question in questions if _checks_item_content(question)])

    def check_key(key: Any, responses: int) -> Sequence[Fault]:
        found = given.read(questions, key, responses)
        return [(one["field"], one["message"]) for one in found.problems]

    if not checked:
        return ItemRules(least, most, None, check_key if keyed else None)

    def check(item: dict[str, Any]) -> Sequence[Fault]:
        return [(one["field"], one["message"]) for one in form.check_item(checked, item)]

    return ItemRules(least, most, check, check_key if keyed else None)


def _checks_item_content(question: Question) -> bool:
    return getattr(kinds.get(question["kind"]), "CHECKS_ITEM_CONTENT", True)


def _distinct(questions: Sequence[Question]) -> list[Question]:
    found: dict[str, Question] = {}
    for question in questions:
        settings = {key: value for key, value in question.items() if key not in _WORDING}
        found.setdefault(repr(sorted(settings.items())), question)
    return list(found.values())
