"""A form is a list of questions; here it is checked, presented and answered as a whole.

The functions named check_ take whatever JSON a client sent and return a list of problems, empty if
there are none; they do not raise. The others expect what was checked before.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from projects import kinds
from projects.kinds.problems import (
    MOST_PROBLEMS,
    Problem,
    problem,
    quoted,
    text_problem,
    under,
    unknown_fields,
)
from projects.kinds.protocol import Kind, Question

MOST_QUESTIONS = 50
_TITLE_CHARS = 300
_HELP_CHARS = 4_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_COMMON = frozenset({"name", "kind", "title", "help", "required"})


def _kind(question: Question) -> Kind:
    found = kinds.get(question["kind"])
    if found is None:
        raise ValueError(f"no such kind: {quoted(question['kind'])}")
    return found


def _check_question(question: object) -> list[Problem]:
    if not isinstance(question, dict):
        return [problem("", "A question must be an object.")]
    problems: list[Problem] = []
    name = question.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        problems.append(
            problem("name", "A name is small letters, digits and _, at most 40, a letter first.")
        )
    for field, most, blank, given in (
        ("title", _TITLE_CHARS, False, True),
        ("help", _HELP_CHARS, True, "help" in question),
    ):
        wrong = text_problem(question.get(field), most, blank=blank) if given else None
        if wrong:
            problems.append(problem(field, wrong))
    if not isinstance(question.get("required", True), bool):
        problems.append(problem("required", "This must be true or false."))
    kind = kinds.get(question.get("kind"))
    if kind is None:
        problems.append(problem("kind", f"This must be one of: {', '.join(kinds.names())}."))
        return problems
    return (
        problems + unknown_fields(question, _COMMON | kind.SETTINGS) + kind.check_config(question)
    )


def check_form(questions: object) -> list[Problem]:
    """What is wrong with a form."""
    if not isinstance(questions, list) or not questions:
        return [problem("questions", "A form is a list of one or more questions.")]
    if len(questions) > MOST_QUESTIONS:
        return [problem("questions", f"A form has at most {MOST_QUESTIONS} questions.")]
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, question in enumerate(questions):
        here = f"questions[{index}]"
        problems += under(here, _check_question(question))
        name = question.get("name") if isinstance(question, dict) else None
        if isinstance(name, str) and name in seen:
            problems.append(problem(f"{here}.name", "Another question has this name."))
        elif isinstance(name, str):
            seen.add(name)
    if not problems and not any(question.get("required", True) for question in questions):
        problems.append(problem("questions", "At least one question must be required."))
    return problems[:MOST_PROBLEMS]


def responses_of(questions: Sequence[Question]) -> tuple[int, int]:
    """The least and the most responses an item may bring to be asked all the questions."""
    bounds = [_kind(question).responses(question) for question in questions]
    return max(least for least, _ in bounds), min(most for _, most in bounds)


def check_item(questions: Sequence[Question], item: object) -> list[Problem]:
    """Why an item cannot be asked about with this form."""
    problems: list[Problem] = []
    for question in questions:
        for one in _kind(question).check_item(question, item):
            # Two questions of a kind find the same fault; saying it once is enough.
            if one not in problems:
                problems.append(one)
    return problems[:MOST_PROBLEMS]


def check_answer(
    questions: Sequence[Question], answer: object, keys: Sequence[str]
) -> list[Problem]:
    """What is wrong with an answer to the form."""
    if not isinstance(answer, dict):
        return [problem("answer", "An answer is an object with a field for each question.")]
    problems = unknown_fields(answer, frozenset(question["name"] for question in questions))
    for question in questions:
        name, required = question["name"], question.get("required", True)
        given = answer.get(name)
        if given is None:
            if required:
                problems.append(problem(name, "This question must be answered."))
            continue
        problems += under(name, _kind(question).check_answer(question, given, keys))
    return problems[:MOST_PROBLEMS]


def present(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """The questions as a client needs them, every default filled in."""
    return [
        {
            "name": question["name"],
            "kind": question["kind"],
            "title": question["title"],
            "help": question.get("help", ""),
            "required": question.get("required", True),
            **_kind(question).present(question),
        }
        for question in questions
    ]


def restore_answer(
    questions: Sequence[Question],
    answer: Mapping[str, Any],
    keys: Sequence[str],
    shown: Sequence[int],
) -> dict[str, Any]:
    """A checked answer as it is stored; questions passed over leave no field.

    `keys[p]` is the response key at position p and `shown[p]` the stored index of that response.
    """
    return {
        question["name"]: _kind(question).restore(question, answer[question["name"]], keys, shown)
        for question in questions
        if answer.get(question["name"]) is not None
    }


def _judged(questions: Sequence[Question]) -> Question | None:
    """The question agreement is about: the first whose kind has labels."""
    return next((question for question in questions if _kind(question).LEVEL), None)


def label_of(questions: Sequence[Question], stored: Mapping[str, Any]) -> int | None:
    """The label of a stored answer, or None if it has none."""
    question = _judged(questions)
    if question is None or question["name"] not in stored:
        return None
    return _kind(question).label(question, stored[question["name"]])
