"""Templates: ready forms for well-known labeling interfaces."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Template:
    """The questions of a project's first form, with a title and a description for people.

    On the questions that `taste` names, people may differ without one of them being wrong.
    """

    key: str
    title: str
    description: str
    questions: list[dict[str, Any]]
    taste: tuple[str, ...] = ()


_PREFERENCE = ("preference",)
_REASON = {
    "name": "reason",
    "kind": "text",
    "title": "Why, in one or two sentences?",
    "required": False,
    "max_chars": 4000,
}


def _preference(title: str = "Which response is better?", **settings: Any) -> dict[str, Any]:
    return {
        "name": "preference",
        "kind": "preference",
        "title": title,
        "required": True,
        **settings,
    }


def _rating(name: str, title: str, low_words: str, high_words: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "rating",
        "title": title,
        "required": True,
        "low": 0,
        "high": 4,
        "low_words": low_words,
        "high_words": high_words,
    }


_HOW_MUCH = "Which response is better, and by how much?"

TEMPLATES = {
    template.key: template
    for template in (
        Template(
            "pairwise",
            "Pairwise A/B",
            "Two responses to one prompt: which is better, or are they about equal? With a reason.",
            [_preference(allow_tie=True), _REASON],
            taste=_PREFERENCE,
        ),
        Template(
            "pairwise_forced",
            "Pairwise A/B, forced choice",
            "Two responses to one prompt: which is better? One of them must be chosen.",
            [_preference(allow_tie=False), _REASON],
            taste=_PREFERENCE,
        ),
        Template(
            "pairwise_both_bad",
            "Pairwise A/B, tie or both bad",
            "Two responses to one prompt: one is better, both are about equal, or both are bad.",
            [_preference(allow_tie=True, allow_both_bad=True), _REASON],
            taste=_PREFERENCE,
        ),
        Template(
            "likert5",
            "Likert, five steps",
            "Two responses on five steps: much or slightly better on either side, or about the same.",
            [_preference(_HOW_MUCH, scale="likert5"), _REASON],
            taste=_PREFERENCE,
        ),
        Template(
            "seven",
            "Seven steps, −3 to +3",
            "Two responses on seven steps: three degrees of better on either side, or about the same.",
            [_preference(_HOW_MUCH, scale="seven"), _REASON],
            taste=_PREFERENCE,
        ),
        Template(
            "eight",
            "Eight steps, no tie",
            "Two responses on eight steps, from much better to barely better on either side. There is no tie.",
            [_preference(_HOW_MUCH, scale="eight"), _REASON],
            taste=_PREFERENCE,
        ),
        Template(
            "ratings",
            "Rating of each response",
            "One to ten responses; each is rated for helpfulness and for correctness, from 0 to 4.",
            [
                _rating("helpfulness", "Helpfulness", "not helpful", "very helpful"),
                _rating("correctness", "Correctness", "wrong", "all correct"),
                _REASON,
            ],
            taste=("helpfulness",),
        ),
    )
}
