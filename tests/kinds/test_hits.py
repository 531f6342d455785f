"""Who answers everything alike hits at most half of keys that differ, on every scale of every kind."""

from collections.abc import Callable
from typing import Any

import pytest

from projects import kinds
from projects.kinds import preference
from tests.kinds.examples import questions_of


def _choices(question: dict[str, Any]) -> list[Any]:
    found = []
    for step in preference.present(question)["steps"]:
        choice = step["choice"] if step["position"] is None else step["position"]
        strength = {"strength": step["strength"]} if step["strength"] else {}
        found.append({"choice": choice, **strength})
    return found


#: Each kind's complete answers that give one value alone, as they are stored.
ALIKE: dict[str, Callable[[dict[str, Any]], list[Any]]] = {
    "label": lambda q: [choice["value"] for choice in q["choices"]],
    "preference": _choices,
    "rating": lambda q: [[step["value"]] * 2 for step in kinds.get("rating").present(q)["steps"]],  # type: ignore[union-attr]
    "text": lambda q: ["The same."],
}
ASKED = [(name, question) for name in kinds.names() for question in questions_of(name)]


@pytest.mark.parametrize(("name", "question"), ASKED, ids=[f"{n}-{q}" for n, q in ASKED])
def test_a_constant_answer_hits_half_at_most(name: str, question: dict[str, Any]) -> None:
    kind = kinds.get(name)
    assert kind
    answers = ALIKE[name](question)
    if kind.scale(question) is None:
        assert {kind.hit(question, one, other) for one in answers for other in answers} == {None}
        return
    for given in answers:
        hits = [kind.hit(question, given, key) for key in answers]
        assert None not in hits
        assert 1 <= hits.count(True) <= len(answers) / 2, given


@pytest.mark.parametrize("scale", ["likert5", "seven"])
def test_a_constant_tie_hits_no_key_that_takes_a_side(scale: str) -> None:
    question = {"name": "q", "kind": "preference", "title": "?", "scale": scale}
    for key in _choices(question):
        assert preference.hit(question, {"choice": "tie"}, key) is (key == {"choice": "tie"})


def test_a_constant_four_of_eight_never_hits_all() -> None:
    question = {"name": "q", "kind": "preference", "title": "?", "scale": "eight"}
    keys = _choices(question)
    assert len(keys) == 8
    hits = [preference.hit(question, keys[3], key) for key in keys]
    assert hits == [True] * 4 + [False] * 4
