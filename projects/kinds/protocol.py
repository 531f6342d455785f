"""What every question kind must provide, and the words that judgments are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from projects.kinds.problems import Problem

Question = Mapping[str, Any]
Level = Literal["nominal", "ordinal", "interval"]
Shape = Literal["item", "response", "pair", "choice", "step", "criterion"]
#: -1: a category prefers the first response of a pair; 1: the second; 0: neither.
Side = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class Facet:
    """What one judgment is about.

    `at` is empty for the whole item, ``(1,)`` for stored response 1, ``(0, 1)`` for a pair of stored
    responses, ``(4,)`` for step 4, and the name for a choice or a criterion.
    """

    shape: Shape
    at: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """One value that a judgment can have; `side` is None where a scale compares no two responses."""

    value: int
    words: str
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The values of a question's judgments, in order; `level` says how far apart two of them are."""

    level: Level
    categories: tuple[Category, ...]

    def category(self, value: int) -> Category | None:
        """The category with this value, or None."""
        return next((one for one in self.categories if one.value == value), None)


class Kind(Protocol):
    """One kind of question, fulfilled by a module.

    Three forms of an answer: the client's names responses by the keys of its lease; the stored one
    names them by their index in the item; a plain POST has text fields. `check_config`, `check_item`
    and `check_answer` take whatever JSON a client sent: they return problems and never raise.
    `restore` and `recall` take any JSON too, for a draft is unfinished and was not checked. The
    functions that read a stored answer say "nothing" (an empty list, None, an empty text) of an
    unfinished one. All others expect what was checked.

    A kind whose `check_item` asks no more than that the responses can be told apart and are as many
    as `responses` says may set `LOOKS_INTO_ITEMS = False`: imports see to that themselves, and need
    not ask the kind for every row.
    """

    @property
    def SETTINGS(self) -> frozenset[str]:
        """The fields of a question that belong to this kind alone."""

    def check_config(self, question: Question, /) -> list[Problem]:
        """What is wrong with this kind's settings of a question."""

    def responses(self, question: Question, /) -> tuple[int, int]:
        """The least and the most responses that an item must bring."""

    def check_item(self, question: Question, item: object, /) -> list[Problem]:
        """Why this item cannot be asked about."""

    def check_answer(
        self, question: Question, answer: object, keys: Sequence[str], /
    ) -> list[Problem]:
        """What is wrong with an answer in the client's form; `keys` are the lease's response keys."""

    def read_form(
        self, question: Question, fields: Mapping[str, str], keys: Sequence[str], /
    ) -> Any | None:
        """The answer, not yet checked, in the fields of a plain POST; None where it was left alone."""

    def present(self, question: Question, /) -> dict[str, Any]:
        """The settings a client needs to ask the question, every default filled in.

        Some of them tell the desk where the fields stand. `of_each_response` is true for a question
        asked under each response. `picks_response` is there if an answer sets a response apart; it
        is true if choosing a response is the whole answer, so that its head can be clicked, and
        `picked_words` say on the head what the response then is.
        """

    def restore(
        self, question: Question, answer: Any, keys: Sequence[str], shown: Sequence[int], /
    ) -> Any | None:
        """The stored form of an answer, finished or not; None if nothing of it can be placed.

        `keys[p]` is the key of the response at position p and `shown[p]` its stored index.
        """

    def recall(
        self, question: Question, stored: Any, keys: Sequence[str], shown: Sequence[int], /
    ) -> Any | None:
        """The inverse of `restore`, under a lease that may show another order under other keys."""

    def scale(self, question: Question, /) -> Scale | None:
        """The scale of this question's judgments; None if it has no judgments."""

    def judgments(self, question: Question, stored: Any, /) -> list[tuple[Facet, int]]:
        """What the stored answer says, as values on the scale."""

    def hit(self, question: Question, stored: Any, reference: Any, /) -> bool | None:
        """Whether the answer is on the reference's side; None if they cannot be compared.

        A reference that takes no side is hit by the very same answer only, so that nobody passes by
        always giving one answer.
        """

    def agree(self, question: Question, stored: Any, reference: Any, /) -> float | None:
        """How near the answer is to the reference, from 0 to 1; None if they cannot be compared."""

    def summarize(self, question: Question, stored: Any, shown: Sequence[int], /) -> str:
        """The answer in a line for reviewers, who see the responses in the order `shown`."""

    def marks(self, question: Question, stored: Any, /) -> dict[int, str]:
        """Short words on the responses that the answer is about, by stored index."""

    def datasets(self, question: Question, /) -> tuple[str, ...]:
        """The names of the datasets that answers to this question can be exported as."""
