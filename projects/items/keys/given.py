"""Reads the right answers that somebody gives: checks them by the question's kind and turns them into stored form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from projects.kinds import form as forms
from projects.kinds.problems import Problem, prefixed, problem, text_problem, unknown_fields
from projects.kinds.protocol import Question

MOST_PEOPLE = 50
BY_CHARS, NOTE_CHARS = 120, 2000
# Who gave a right answer for which no person is named.
UNNAMED = "unnamed"
_FIELDS = frozenset({"by", "answer", "rule", "note"})
_RULE = re.compile(r"R[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class GivenKey:
    """One person's right answer: `answer` is the stored answer by question, to one question of the form or more."""

    by: str
    answer: Mapping[str, Any]
    rule: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReadKeys:
    """The right answers in what a client sent, or what is wrong with them: `given` is empty if there are problems."""

    given: Sequence[GivenKey]
    problems: Sequence[Problem]


def read(questions: Sequence[Question], sent: object, responses: int) -> ReadKeys:
    """Read `sent`: one answer, or a list of `{"by", "answer", "rule"?, "note"?}`, one for each person.

    An answer names a response by its index among the item's `responses` responses, as text: "0" is the first. It may
    leave questions out, and must answer one.
    """
    entries = sent if isinstance(sent, list) else [{"by": UNNAMED, "answer": sent}]
    if not 1 <= len(entries) <= MOST_PEOPLE:
        message = f"This must be an answer, or a list of 1 to {MOST_PEOPLE} people's answers."
        return ReadKeys((), [problem("", message)])
    given: list[GivenKey] = []
    problems: list[Problem] = []
    for index, entry in enumerate(entries):
        wrong = _entry_problems(questions, entry, responses)
        if isinstance(sent, list):
            problems += prefixed(f"[{index}]", wrong)
        else:
            problems += [
                problem(one["field"].removeprefix("answer").removeprefix("."), one["message"])
                for one in wrong
            ]
        if not wrong:
            given.append(_given(questions, entry, responses))
    people = [one.by for one in given]
    if len(set(people)) < len(people):
        problems.append(problem("", "Each person gives one answer, but a name stands here twice."))
    return ReadKeys(() if problems else given, problems)


def _entry_problems(questions: Sequence[Question], entry: object, responses: int) -> list[Problem]:
    if not isinstance(entry, dict):
        return [problem("", 'This must be an object such as {"by": "…", "answer": {…}}.')]
    problems = unknown_fields(entry, _FIELDS)
    if entry.get("by") in (None, ""):
        entry = {**entry, "by": UNNAMED}
        problems.append(problem("by", "This is required: the name of the person who gives it."))
    for field, most, blank in (("by", BY_CHARS, False), ("note", NOTE_CHARS, True)):
        wrong = text_problem(entry.get(field, "" if blank else None), most, blank=blank)
        problems += [problem(field, wrong)] if wrong else []
    rule = entry.get("rule") or ""
    if not isinstance(rule, str) or (rule and not _RULE.fullmatch(rule)):
        problems.append(problem("rule", "This must be a rule of the guideline, such as R3."))
    return problems + prefixed("answer", answer_problems(questions, entry.get("answer"), responses))


def answer_problems(questions: Sequence[Question], answer: object, responses: int) -> list[Problem]:
    """Return what is wrong with a right answer; empty if every question that it answers takes it."""
    if not isinstance(answer, dict):
        return [
            problem("", "This must be an object with a field for each question that has a key.")
        ]
    answered = [q for q in questions if answer.get(q["name"]) is not None]
    if not answered and not unknown_fields(answer, frozenset(q["name"] for q in questions)):
        return [problem("", "No question of the form is answered here.")]
    keys = [str(index) for index in range(responses)]
    known = frozenset(question["name"] for question in questions)
    unknown = unknown_fields(answer, known)
    sent = {name: value for name, value in answer.items() if name in known}
    required = [{**question, "required": True} for question in answered]
    return [*unknown, *forms.check_answer(required, _without_nulls(sent), keys)]


def _without_nulls(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if value is not None}


def _given(questions: Sequence[Question], entry: Mapping[str, Any], responses: int) -> GivenKey:
    stored = stored_answer(questions, entry["answer"], responses)
    return GivenKey(entry["by"].strip(), stored, entry.get("rule") or "", entry.get("note") or "")


def stored_answer(
    questions: Sequence[Question], answer: Mapping[str, Any], responses: int
) -> dict[str, Any]:
    """Return a checked right answer in stored order."""
    order = range(responses)
    return forms.restore_answer(questions, answer, [str(index) for index in order], list(order))
