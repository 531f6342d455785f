"""A form's rules are compiled: only kinds that check items are called for every row."""

from __future__ import annotations

from typing import Any

import pytest

from projects import kinds
from projects.items.rules import rules_of
from projects.kinds import text
from projects.kinds.form import responses_of
from projects.plan.templates import TEMPLATES

from .rows_of import accepted, fault, item


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_compile_to_a_count(name: str) -> None:
    rules = rules_of(TEMPLATES[name].questions)
    assert rules.check is None
    least, _most = responses_of(TEMPLATES[name].questions)
    few = [{"text": str(number)} for number in range(least - 1)]
    assert fault(item(responses=few), rules).field == "responses"


class Curious:
    """A kind that checks items."""

    asked = 0

    def __getattr__(self, name: str) -> Any:
        if name == "CHECKS_ITEM_CONTENT":
            raise AttributeError(name)
        return getattr(text, name)

    def check_item(self, question: Any, asked: Any) -> list[Any]:
        self.asked += 1
        steps = asked["context"].get("steps")
        return [] if steps else [{"field": "context.steps", "message": "are missing"}]


def test_a_kind_that_looks_into_items_is_asked_once_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    curious: Any = Curious()
    monkeypatch.setitem(kinds._KINDS, "curious", curious)
    questions = [{"name": n, "kind": "curious", "title": n.upper()} for n in ("a", "b")]
    rules = rules_of(questions)
    accepted(item(context={"steps": [1]}), rules)
    assert curious.asked == 1
    assert fault(item(), rules).field == "context.steps"
