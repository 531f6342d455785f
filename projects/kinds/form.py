"""Functions on a whole form, which is a list of questions: each asks every question's kind in turn.

The check_ functions take any JSON that a client sent. They return a list of problems, empty if there
are none, and never raise. All other functions expect questions that passed `check_form`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from projects import kinds
from projects.kinds.problems import (
    MOST_PROBLEMS,
    Problem,
    prefixed,
    problem,
    quoted,
    text_problem,
    unknown_fields,
)
from projects.kinds.protocol import Kind, Question, Scale
from projects.kinds.units import unit

MOST_QUESTIONS = 50
_TITLE_CHARS = 300
_HELP_CHARS = 4_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_COMMON = frozenset({"name", "kind", "title", "help", "required"})


def _kind(question: Question) -> Kind:
    found = kinds.get(question["kind"])
    if found is None:
        raise ValueError(f"no question kind has this name: {quoted(question['kind'])}")
    return found


def _check_question(question: object) -> list[Problem]:
    if not isinstance(question, dict):
        return [problem("", "A question must be an object.")]
    problems: list[Problem] = []
    name = question.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = "Use at most 40 lowercase letters, digits and _; the first must be a letter."
        problems.append(problem("name", message))
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
    """Return what is wrong with a form: at most `MOST_PROBLEMS` problems, empty if it can be used."""
    if not isinstance(questions, list) or not questions:
        return [problem("questions", "This must be a list of one or more questions.")]
    if len(questions) > MOST_QUESTIONS:
        return [problem("questions", f"A form can have at most {MOST_QUESTIONS} questions.")]
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, question in enumerate(questions):
        here = f"questions[{index}]"
        problems += prefixed(here, _check_question(question))
        name = question.get("name") if isinstance(question, dict) else None
        if isinstance(name, str) and name in seen:
            message = "Another question already has this name. Choose a different one."
            problems.append(problem(f"{here}.name", message))
        elif isinstance(name, str):
            seen.add(name)
    return (problems or _check_together(questions))[:MOST_PROBLEMS]


def _check_together(questions: Sequence[Question]) -> list[Problem]:
    """Return what is wrong with valid questions that are used together in one form."""
    problems: list[Problem] = []
    if not any(question.get("required", True) for question in questions):
        problems.append(problem("questions", "At least one question must be required."))
    least, most = responses_of(questions)
    if least > most:
        message = (
            f"No item can be asked about with this form: one question needs at least {least} "
            f"responses, another takes at most {most}."
        )
        problems.append(problem("questions", message))
    return problems


def asks_text(questions: Sequence[Question]) -> bool:
    """Return whether a question is answered in writing: one that has no scale."""
    return len(scales_of(questions)) < len(questions)


def texts_optional(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return the questions for somebody who decides and does not explain: text is required only if all is text."""
    scales = scales_of(questions)
    return [
        {**one, "required": one.get("required", True) and (one["name"] in scales or not scales)}
        for one in questions
    ]


def responses_of(questions: Sequence[Question]) -> tuple[int, int]:
    """Return the least and the greatest number of responses that an item of this form may have."""
    ranges = [_kind(question).responses(question) for question in questions]
    return max(least for least, _ in ranges), min(most for _, most in ranges)


def check_item(questions: Sequence[Question], item: object) -> list[Problem]:
    """Return the reasons why an item cannot be asked about with this form."""
    problems: list[Problem] = []
    for question in questions:
        for one in _kind(question).check_item(question, item):
            # Two questions of one kind find the same problem: report it once.
            if one not in problems:
                problems.append(one)
    return problems[:MOST_PROBLEMS]


def check_answer(
    questions: Sequence[Question], answer: object, keys: Sequence[str]
) -> list[Problem]:
    """Return what is wrong with an answer to the form; `keys` are the lease's response keys."""
    if not isinstance(answer, dict):
        return [problem("answer", "This must be an object with a field for each question.")]
    problems = unknown_fields(answer, frozenset(question["name"] for question in questions))
    for question in questions:
        name, required = question["name"], question.get("required", True)
        given = answer.get(name)
        if given is None:
            if required:
                problems.append(problem(name, "This question must be answered."))
            continue
        problems += prefixed(name, _kind(question).check_answer(question, given, keys))
    return problems[:MOST_PROBLEMS]


def read_form(
    questions: Sequence[Question], fields: Mapping[str, str], keys: Sequence[str]
) -> dict[str, Any]:
    """Return the unchecked answer in the fields of an HTML form; unanswered questions are left out."""
    found = {
        question["name"]: _kind(question).read_form(question, fields, keys)
        for question in questions
    }
    return {name: value for name, value in found.items() if value is not None}


def present(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return the questions as a client needs them, with every default filled in."""
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
    """Turn a client's answer, complete or not, into its stored form. Unanswered questions are left out.

    `keys[p]` is the key of the response at position p, and `shown[p]` is that response's stored index.
    """
    found = {
        question["name"]: _kind(question).restore(question, answer[question["name"]], keys, shown)
        for question in questions
        if answer.get(question["name"]) is not None
    }
    return {name: value for name, value in found.items() if value is not None}


def recall_answer(
    questions: Sequence[Question],
    stored: Mapping[str, Any],
    keys: Sequence[str],
    shown: Sequence[int],
) -> dict[str, Any]:
    """Turn a stored answer into the client's form: the inverse of `restore_answer`.

    `keys` and `shown` may be those of a later lease, with another order and other keys.
    """
    found = {
        question["name"]: _kind(question).recall(question, value, keys, shown)
        for question, value in _answered(questions, stored)
    }
    return {name: value for name, value in found.items() if value is not None}


def _answered(
    questions: Sequence[Question], stored: Mapping[str, Any]
) -> Iterator[tuple[Question, Any]]:
    """Yield each answered question with its answer."""
    for question in questions:
        value = stored.get(question["name"])
        if value is not None:
            yield question, value


def judgments_of(
    questions: Sequence[Question], stored: Mapping[str, Any]
) -> tuple[list[str], list[int]]:
    """Read the judgments in a stored answer.

    Returns:
        The units in text form (see `projects.kinds.units`), and for each unit its value on the
        question's scale.
    """
    found = [
        (unit(question["name"], facet), value)
        for question, answer in _answered(questions, stored)
        for facet, value in _kind(question).judgments(question, answer)
    ]
    return [name for name, _ in found], [value for _, value in found]


def hit_of(question: Question, stored: Any, reference: Any) -> bool | None:
    """Return whether the answer to a question takes the reference's side; None if they cannot be compared."""
    return _kind(question).hit(question, stored, reference)


def constants_of(question: Question, keys: Sequence[str]) -> list[tuple[str, Any]]:
    """Return the client's answers that somebody can give to every item without reading it, each with words."""
    return _kind(question).constants(question, keys)


def scales_of(questions: Sequence[Question]) -> dict[str, Scale]:
    """Return the scale of each question that has one, by the question's name."""
    found = {question["name"]: _kind(question).scale(question) for question in questions}
    return {name: scale for name, scale in found.items() if scale is not None}


def datasets_of(questions: Sequence[Question]) -> list[str]:
    """Return the names of the datasets that a form's answers can be exported as, each once."""
    found = [name for question in questions for name in _kind(question).datasets(question)]
    return list(dict.fromkeys(found))


def summary_of(
    questions: Sequence[Question], stored: Mapping[str, Any], shown: Sequence[int]
) -> list[str]:
    """Describe a stored answer for reviewers: one line for each answered question, with its title."""
    return [
        f"{title} {words}" if title[-1] in "?!.:" else f"{title}: {words}"
        for title, words in titled_summary_of(questions, stored, shown)
    ]


def titled_summary_of(
    questions: Sequence[Question], stored: Mapping[str, Any], shown: Sequence[int]
) -> list[tuple[str, str]]:
    """Return the title and the summary of each answered question."""
    found = (
        (question["title"].strip(), _kind(question).summarize(question, answer, shown))
        for question, answer in _answered(questions, stored)
    )
    return [(title, words) for title, words in found if words]


def marks_of(questions: Sequence[Question], stored: Mapping[str, Any]) -> dict[int, list[str]]:
    """Return short labels that a stored answer puts on responses, by the response's stored index.

    If several questions label responses, each label begins with its question's name.
    """
    found = [
        (question["name"].replace("_", " "), _kind(question).marks(question, answer))
        for question, answer in _answered(questions, stored)
    ]
    found = [(name, marks) for name, marks in found if marks]
    marked: dict[int, list[str]] = {}
    for name, marks in found:
        for index, words in marks.items():
            marked.setdefault(index, []).append(words if len(found) == 1 else f"{name}: {words}")
    return marked
