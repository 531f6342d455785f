"""What a form wants of its items, compiled for the reader of imports."""

from collections.abc import Sequence
from typing import Any

from projects import kinds
from projects.formats.reading.item_rules import Fault, ItemRules
from projects.kinds import form
from projects.kinds.protocol import Question

# What a question is called and how it is put to people makes no difference to the items it is asked about.
_WORDING = ("name", "title", "help", "required")


def rules_of(questions: Sequence[Question]) -> ItemRules:
    """The form's rules. Questions that differ in their wording alone are asked once, and only of kinds that look into
    items: the reader itself counts responses and tells them apart."""
    least, most = form.responses_of(questions)
    asked = _distinct([question for question in questions if _checks_item_content(question)])
    if not asked:
        return ItemRules(least, most)

    def check(item: dict[str, Any]) -> Sequence[Fault]:
        return [(one["field"], one["message"]) for one in form.check_item(asked, item)]

    return ItemRules(least, most, check)


def _checks_item_content(question: Question) -> bool:
    return getattr(kinds.get(question["kind"]), "CHECKS_ITEM_CONTENT", True)


def _distinct(questions: Sequence[Question]) -> list[Question]:
    found: dict[str, Question] = {}
    for question in questions:
        settings = {key: value for key, value in question.items() if key not in _WORDING}
        found.setdefault(repr(sorted(settings.items())), question)
    return list(found.values())
