"""What every dataset must say of itself, and the words that forms are told to it with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from .types import Type


@dataclass(frozen=True, slots=True)
class Step:
    """One value of a question's scale; `side` says which response of a pair it prefers: -1 the first, 1 the second,
    0 neither, None where the scale compares no two responses."""

    value: int
    side: int | None = None


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question, as far as datasets read it. `datasets` are those that its kind offers, `steps` its scale in order."""

    name: str
    title: str
    datasets: tuple[str, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A version of a project's form."""

    id: str
    version: int
    questions: tuple[AskedQuestion, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the rows; `words` say what it holds."""

    name: str
    type: Type
    words: str


Rows = Sequence[msgspec.Struct | Mapping[str, Any]]
"""Rows of a dataset: structs or mappings whose fields are the columns, in the columns' order."""

Reader = Callable[[bytes], Rows]


class Dataset(Protocol):
    """One kind of export, fulfilled by a module.

    Which rows an export has says the SQL rule of the same name in `projects/exports/rules/`. A row of it rests on
    annotations of one item; the rule gives, beside them, `responses` (which of the item's responses the row is about,
    in the row's order) and `counts` (what was counted for it), and names the reason for an item that makes no row.
    """

    @property
    def NAME(self) -> str:
        """What programs and files call it."""

    @property
    def TITLE(self) -> str:
        """What people call it, in a form."""

    @property
    def DESCRIPTION(self) -> str:
        """What its rows are, in one sentence for a form and for the card."""

    @property
    def RULE(self) -> str:
        """Which rows it has, in one sentence for the manifest and the card."""

    @property
    def TAGS(self) -> tuple[str, ...]:
        """Tags of the card."""

    @property
    def LEFT_OUT(self) -> Mapping[str, str]:
        """The rule's reasons why a decided item makes no row, each with its words for the card."""

    @property
    def WITH_ANSWERS(self) -> bool:
        """Whether its rows are read with their annotations, or from the item and the frozen row alone."""

    @property
    def EXAMPLE(self) -> str:
        """Python for the card: what to do with `dataset` once it is loaded. May be empty."""

    def questions(self, form: AskedForm, /) -> tuple[AskedQuestion, ...]:
        """The questions of a form that its rows are made of; none if the form cannot make it."""

    def columns(self, forms: Sequence[AskedForm], /) -> tuple[Column, ...]:
        """The columns of an export whose items were asked about with these forms."""

    def reader(self, forms: Sequence[AskedForm], /) -> Reader:
        """The function that makes rows of a block of the database's.

        A block is a JSON list of `[prompt, responses, external id, metadata, row's responses, row's counts, number of
        undecided annotations]`, and where WITH_ANSWERS, with a list of `Answered` behind them. The function raises
        msgspec's errors for what was stored otherwise.
        """

    def check(self, rows: Rows, before: int, /) -> None:
        """Raises FormatError for a row that teaches nothing. `before` is how many rows came before these."""


def offered_by(name: str, form: AskedForm) -> tuple[AskedQuestion, ...]:
    """The questions of a form whose kinds offer the dataset `name`."""
    return tuple(question for question in form.questions if name in question.datasets)


Questions = Callable[[AskedForm], Iterable[AskedQuestion]]


def counted_steps(questions: Questions, forms: Iterable[AskedForm]) -> list[tuple[str, int]]:
    """The values that a rule counts, as (question's name, value): of each of these questions its whole scale.

    Forms that ask a question on different scales share one list, so that a row's `counts` are read without its form.
    """
    scales: dict[str, set[int]] = {}
    for form in forms:
        for question in questions(form):
            scales.setdefault(question.name, set()).update(step.value for step in question.steps)
    return [(name, value) for name, values in scales.items() for value in sorted(values)]
