"""Checking an answer before it is stored: each question by its kind, and all together as the project's purpose asks.

A form cannot compare its questions. The room that makes the forms of a purpose registers how they are compared.
"""

import functools
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from projects.kinds import form as forms
from projects.kinds.problems import Problem
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import prepared
from rlhfhub.tenancy.raw import unjson

# Takes an answer in which each question is valid by itself, and returns what is wrong between its questions.
Compare = Callable[[Mapping[str, Any]], list[Problem]]
_registered: dict[str, Compare] = {}


def register(purpose: str, compare: Compare) -> None:
    """Register a check of whole answers, for the projects of one purpose. Called from the AppConfig's ready()."""
    _registered[purpose] = compare


@dataclass(frozen=True, slots=True)
class FormVersion:
    """The questions of a form version, and the purpose of its project."""

    questions: list[dict[str, Any]]
    purpose: str


@functools.lru_cache(maxsize=512)
def form_version(form_id: uuid.UUID) -> FormVersion:
    """Return a form version. Neither its questions nor the purpose ever change: each process reads them only once."""
    row = prepared.one(
        "SELECT f.questions, p.purpose FROM projects_plan_form f JOIN projects_plan_project p ON p.id = f.project_id "
        "WHERE f.id = %s",
        [form_id],
    )
    if row is None:
        raise Refused("not_found", "Not found.", status=404)
    return FormVersion(list(unjson(row[0])), row[1])


def check(form_id: uuid.UUID, answer: Any, keys: Sequence[str]) -> None:
    """Raise Refused (400), with an error for each wrong field, unless the answer to a form version can be stored."""
    form = form_version(form_id)
    errors = forms.check_answer(form.questions, answer, keys)
    if not errors and (compare := _registered.get(form.purpose)):
        errors = compare(answer)
    if errors:
        words = "; ".join(f"{e['field']}: {e['message']}" for e in errors[:5])
        raise Refused("invalid", words, errors=[{"row": None, **e} for e in errors])
