"""Templates: ready forms for known interfaces."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Template:
    """A form to begin with; `responses` is how many an item must bring."""

    key: str
    title: str
    description: str
    questions: list[dict[str, Any]]
    responses: int = 2


_REASON = {
    "name": "reason",
    "kind": "text",
    "title": "Why? One or two sentences.",
    "required": False,
    "max_chars": 4000,
}

TEMPLATES = {
    template.key: template
    for template in (
        Template(
            "pairwise",
            "Pairwise A/B",
            "Two responses to one prompt: which is better, or are they about equal? With a reason.",
            [
                {
                    "name": "preference",
                    "kind": "preference",
                    "title": "Which response is better?",
                    "allow_tie": True,
                    "required": True,
                },
                _REASON,
            ],
        ),
        Template(
            "pairwise_forced",
            "Pairwise A/B, forced choice",
            "Two responses to one prompt; one of them must be chosen.",
            [
                {
                    "name": "preference",
                    "kind": "preference",
                    "title": "Which response is better?",
                    "allow_tie": False,
                    "required": True,
                },
                _REASON,
            ],
        ),
    )
}
