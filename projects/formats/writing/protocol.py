"""What every dataset must provide, and the types that describe forms to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from .types import Type


@dataclass(frozen=True, slots=True)
class Step:
    """One value of a question's scale.

    `side` says which response of a pair the value prefers: -1 the first, 1 the second, 0 neither. It is None if the
    question does not compare two responses.
    """

    value: int
    side: int | None = None


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as datasets read it. `datasets` are those that its kind offers, `steps` its scale in order."""

    name: str
    title: str
    datasets: tuple[str, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A version of a project's form as datasets read it."""

    id: str
    version: int
    questions: tuple[AskedQuestion, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a dataset; `words` say what it contains."""

    name: str
    type: Type
    words: str


Rows = Sequence[msgspec.Struct | Mapping[str, Any]]
"""Rows of a dataset: structs or mappings whose fields are the columns, in the columns' order."""

Reader = Callable[[bytes], Rows]
"""A function that makes rows of a block that the database sent (see `Dataset.reader`)."""


class Dataset(Protocol):
    """One kind of export. A module fulfills this protocol.

    The SQL rule of the same name in `projects/exports/rules/` says which rows an export has. Each row rests on
    annotations of one item, or on its final answer by a reviewer, whose judgments take the place of the consensus.
    Beside these the rule returns `responses`, the indexes of the item's responses that the row
    is about, and `counts`, what was counted for the row. For an item that makes no row it returns the reason.
    """

    @property
    def NAME(self) -> str:
        """The name in programs and files."""

    @property
    def TITLE(self) -> str:
        """The name that people read."""

    @property
    def DESCRIPTION(self) -> str:
        """What its rows are, in a sentence or two for a form and for the card."""

    @property
    def RULE(self) -> str:
        """Which rows it has, in a few sentences for the manifest and the card."""

    @property
    def TAGS(self) -> tuple[str, ...]:
        """The tags of the card."""

    @property
    def LEFT_OUT(self) -> Mapping[str, str]:
        """The rule's reasons why a decided item makes no row, each with its words for the card ("Items …")."""

    @property
    def WITH_ANSWERS(self) -> bool:
        """Whether making a row takes its annotations, or only the item and the frozen row."""

    @property
    def EXAMPLE(self) -> str:
        """Markdown for the card: what can be done with `dataset` once it is loaded. May be empty."""

    def questions(self, form: AskedForm, /) -> tuple[AskedQuestion, ...]:
        """The questions of a form that its rows are made of; none if the form cannot make this dataset."""

    def columns(self, forms: Sequence[AskedForm], /) -> tuple[Column, ...]:
        """The columns of an export whose answers were given to these forms."""

    def reader(self, forms: Sequence[AskedForm], /) -> Reader:
        """The function that makes rows of a block that the database sent.

        A block is a JSON list of `[prompt, responses, external id, metadata, row's responses, row's counts, number of
        undecided annotations, final answer]`, where the final answer is a `database_rows.Adjudicated` or null; if
        WITH_ANSWERS, each of these ends with a list of `annotations.Answered`. The function raises msgspec's errors for
        a block of another shape.
        """

    def check(self, rows: Rows, before: int, /) -> None:
        """Raise FormatError for a row that nothing can be learned from. `before` is how many rows preceded `rows`."""


def offered_by(name: str, form: AskedForm) -> tuple[AskedQuestion, ...]:
    """The questions of a form whose kinds offer the dataset `name`, in the form's order."""
    return tuple(question for question in form.questions if name in question.datasets)


Questions = Callable[[AskedForm], Iterable[AskedQuestion]]


def counted_steps(questions: Questions, forms: Iterable[AskedForm]) -> list[tuple[str, int]]:
    """The meaning of each entry of a row's `counts`, as (question's name, value): the whole scale of each question.

    If forms ask a question on different scales, the list has the values of all of them, so that a row's `counts` can
    be read without knowing its form.
    """
    scales: dict[str, set[int]] = {}
    for form in forms:
        for question in questions(form):
            scales.setdefault(question.name, set()).update(step.value for step in question.steps)
    return [(name, value) for name, values in scales.items() for value in sorted(values)]
