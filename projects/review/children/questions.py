"""What paid reviewers of answers and deciders of appeals are asked, and the guidelines by which they judge."""

from collections.abc import Mapping
from typing import Any

from projects.kinds.label import MOST_CHOICES
from projects.kinds.problems import Problem, problem
from projects.plan.children import Asked
from projects.plan.models import GuidelineVersion
from projects.plan.rules import Rule
from rlhfhub.ground.canonical import is_blank

VERDICT = "verdict"
ACCEPT = "accept"
BROKEN = "broken"
FOLLOWED = "followed"
RULE = "rule"
NOTE = "note"
NO_RULE = "none"
NOTE_CHARS = 2000

# Without headings: the rules are those of the answers' own guidelines, which follow.
_REVIEWING = """You judge answers that others gave, one at a time. Each item shows what the annotator saw and, under \
“About this item”, their answer.

- Judge the answer by the rules below, which its annotator worked by, and not by what you would have answered: people \
may differ.
- Choose “Accept it” if the answer keeps the rules.
- Choose “Send it back” if its annotator can mend it, and say what to mend.
- Choose “A rule was broken” only if you can name the rule, and say how it was broken. A member of the workspace \
decides what follows from it.
- Name a rule only if it was broken. An answer that you accept and say to break a rule is not accepted: a member of \
the workspace decides.

---

"""
_DECIDING = """# What you decide

An answer was rejected because it broke a rule of its guidelines, and the annotator who gave it says that it did not. \
You decide who is right. Under “About this item” you see the answer, the rule, and what both sides say.

- Decide only whether the cited rule was broken. It does not matter which response is better, what others answered, or \
what you would have answered.
- If the answer keeps the rule, or the rule does not say what the reviewer takes it to say, choose “The rule was \
followed”. The work is then paid.
- If the answer breaks the rule, choose “The rule was broken”. The work stays unpaid.

# Say why

Write in one or two sentences what decided it. Both sides read this, and neither learns who you are. A verdict without \
a reason has no effect: staff decide then.

# Be impartial

Return the item if you know the people, the workspace or the answer.
"""


def problems_in(answer: Mapping[str, Any]) -> list[Problem]:
    """Return what a review's verdict lacks: who says that a rule was broken names it, and says how."""
    if answer[VERDICT] != BROKEN:
        return []
    found = []
    if answer.get(RULE) in (None, NO_RULE):
        found.append(problem(RULE, "You say that a rule was broken. Choose which one."))
    if is_blank(answer.get(NOTE) or ""):
        found.append(problem(NOTE, "You say that a rule was broken. Write how."))
    return found


def contradiction_in(answer: Mapping[str, Any]) -> str:
    """Return why a review's verdict cannot be followed as it stands, in words; empty if it can.

    Such an answer is taken, because it tells something, and a member decides.
    """
    if answer[VERDICT] == ACCEPT and answer.get(RULE, NO_RULE) != NO_RULE:
        return "It accepts the answer and also says that a rule was broken. So it accepts nothing: a member decides."
    return ""


def of_appeals() -> Asked:
    """Return what the deciders of appeals are asked."""
    choices = [_choice(BROKEN, "The rule was broken"), _choice(FOLLOWED, "The rule was followed")]
    why = "Why, in words that both sides may read?"
    return Asked(
        [
            _label(VERDICT, "Was the cited rule broken?", choices, required=True),
            {"name": NOTE, "kind": "text", "title": why, "required": True, "max_chars": NOTE_CHARS},
        ],
        _DECIDING,
    )


def of_review(version: GuidelineVersion) -> Asked:
    """Return what reviewers are asked about answers that were given under this version of the guidelines."""
    questions = [_verdict(bool(version.rules)), *_rule(version.rules), _note()]
    rules = [Rule(**rule) for rule in version.rules]
    return Asked(questions, f"{_REVIEWING}{version.text.strip()}\n", rules)


def _verdict(has_rules: bool) -> dict[str, Any]:
    broken = [_choice(BROKEN, "A rule was broken")] if has_rules else []
    choices = [_choice(ACCEPT, "Accept it"), _choice("return", "Send it back"), *broken]
    return _label(VERDICT, "Should this answer be accepted?", choices, required=True)


def _rule(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the question which rule was broken; no question if there are no rules.

    Rules on the deepest levels are left out if there are more of them than choices.
    """
    kept = sorted(rules, key=lambda rule: rule["level"])[: MOST_CHOICES - 1]
    if not kept:
        return []
    choices = [
        _choice(rule["id"], f"{rule['id']} {rule['title']}"[:200]) for rule in rules if rule in kept
    ]
    choices.append(_choice(NO_RULE, "No rule was broken"))
    return [_label(RULE, "Which rule was broken?", choices, required=False)]


def _note() -> dict[str, Any]:
    return {
        "name": NOTE,
        "kind": "text",
        "title": "What should the member who decides know?",
        "required": False,
        "max_chars": NOTE_CHARS,
    }


def _label(
    name: str, title: str, choices: list[dict[str, str]], *, required: bool
) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "label",
        "title": title,
        "required": required,
        "choices": choices,
    }


def _choice(value: str, words: str) -> dict[str, str]:
    return {"value": value, "words": words}
