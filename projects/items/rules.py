"""What a form wants of its items, compiled for the reader of imports."""

from collections.abc import Sequence
from typing import Any

from projects.formats.reading.item_rules import Fault, ItemRules
from projects.kinds import form
from projects.kinds.protocol import Question

# What a question is called and how it is put to people makes no difference to the items it is asked about.
_WORDING = ("name", "title", "help", "required")


def rules_of(questions: Sequence[Question]) -> ItemRules:
    """The form's rules. Questions that differ in their wording alone are asked once."""
    least, most = form.responses_of(questions)
    distinct: list[Question] = []
    seen: list[dict[str, Any]] = []
    for question in questions:
        asked = {key: value for key, value in question.items() if key not in _WORDING}
        if asked not in seen:
            seen.append(asked)
            distinct.append(question)

    def check(item: dict[str, Any]) -> Sequence[Fault]:
        return [(one["field"], one["message"]) for one in form.check_item(distinct, item)]

    return ItemRules(least, most, check)
