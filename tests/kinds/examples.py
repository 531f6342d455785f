"""Questions of every kind with complete and partial answers, for tests that run with all kinds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from projects import kinds
from rlhfhub.ground.canonical import is_blank

#: The settings of each kind's questions in tests.
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "label": [{"choices": [{"value": "ok", "words": "Fine"}, {"value": "R1", "words": "Be fair"}]}],
    "preference": [
        {},
        {"allow_tie": True},
        {"allow_tie": True, "allow_both_bad": True},
        {"allow_both_bad": True},
        *({"scale": scale} for scale in ("likert5", "seven", "eight")),
    ],
    "rating": [
        {},
        {"low": 0, "high": 4, "low_words": "useless", "high_words": "perfect"},
        {"low": 1, "high": 10},
    ],
    "text": [{}, {"max_chars": 40}],
}
#: A complete stored answer to each of these questions.
STORED: dict[str, list[Any]] = {
    "label": ["R1"],
    "preference": [
        *({"choice": 0}, {"choice": "tie"}, {"choice": "both_bad"}, {"choice": 1}),
        *({"choice": 1, "strength": 2}, {"choice": "tie"}, {"choice": 0, "strength": 4}),
    ],
    "rating": [[1, 5], [0, 4], [10, 1]],
    "text": ["Because.", "Why not?"],
}
#: An incomplete answer to each of these questions.
PARTS: dict[str, Callable[[Any], st.SearchStrategy[Any]]] = {
    "label": st.just,
    "preference": lambda answer: st.just({"choice": answer["choice"]}),
    "rating": lambda answer: st.sets(st.sampled_from(sorted(answer)), min_size=1).map(
        lambda some: {key: answer[key] for key in some}
    ),
    "text": st.just,
}


@dataclass(frozen=True)
class Asked:
    """A question, the keys and the order of a lease's responses, and an answer."""

    kind: Any
    question: dict[str, Any]
    keys: list[str]
    shown: list[int]
    answer: Any


def questions_of(kind: str) -> list[dict[str, Any]]:
    """Return a question for each of the kind's settings."""
    common = {"name": "q", "kind": kind, "title": "What do you think?"}
    return [{**common, **settings} for settings in SETTINGS[kind]]


def leases(responses: int) -> st.SearchStrategy[tuple[list[str], list[int]]]:
    """Draw the keys and the order shown of a lease with so many responses."""
    keys = st.lists(
        st.text("0123456789abcdef", min_size=8, max_size=8),
        min_size=responses,
        max_size=responses,
        unique=True,
    )
    return st.tuples(keys, st.permutations(range(responses)))


@st.composite
def asked(draw: st.DrawFn, *, partial: bool = False) -> Asked:
    """Draw a question of any kind with a valid answer, or with a part of one."""
    name = draw(st.sampled_from(sorted(SETTINGS)))
    kind = kinds.get(name)
    assert kind is not None
    question = draw(st.sampled_from(questions_of(name)))
    keys, shown = draw(st.integers(*kind.responses(question)).flatmap(leases))
    answer = draw(_answers(name, question, keys))
    if partial:
        answer = draw(PARTS[name](answer))
    return Asked(kind, question, keys, shown, answer)


def _answers(name: str, question: dict[str, Any], keys: list[str]) -> st.SearchStrategy[Any]:
    if name == "text":
        most = question.get("max_chars", 4000)
        return st.text(
            st.characters(exclude_characters="\x00", codec="utf-8"), max_size=most
        ).filter(lambda text: not is_blank(text))
    if name == "label":
        return st.sampled_from([choice["value"] for choice in question["choices"]])
    steps = kinds.get(name).present(question)["steps"]  # type: ignore[union-attr]
    if name == "rating":
        return st.fixed_dictionaries(
            {key: st.sampled_from([step["value"] for step in steps]) for key in keys}
        )
    return st.sampled_from([answer_of_step(step, keys) for step in steps])


def answer_of_step(step: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    """Return the answer that chooses this step of a preference scale."""
    if step["choice"]:
        return {"choice": step["choice"]}
    chosen = {"choice": keys[step["position"]]}
    return chosen if step["strength"] is None else {**chosen, "strength": step["strength"]}
