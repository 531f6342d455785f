"""The interface of question kinds, and the types that describe judgments."""

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
    """The part of an item that one judgment is about.

    `at` is empty for the whole item, ``(1,)`` for stored response 1, ``(0, 1)`` for a pair of stored
    responses, ``(4,)`` for step 4, and the name for a choice or a criterion.
    """

    shape: Shape
    at: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """One value that a judgment can have; `side` is None on a scale that does not compare two responses."""

    value: int
    words: str
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The values that a question's judgments can have, in order.

    `level` is the level of measurement: whether the values have an order, and whether their differences count.
    """

    level: Level
    categories: tuple[Category, ...]

    def category(self, value: int) -> Category | None:
        """Return the category with this value, or None."""
        return next((one for one in self.categories if one.value == value), None)


class Kind(Protocol):
    """One kind of question, implemented by a module.

    An answer has three forms. The client's form names responses by the keys of its lease. The stored
    form names them by their index in the item. The fields of an HTML form are text.

    `check_config`, `check_item` and `check_answer` take any JSON that a client sent; they return
    problems and never raise. `restore` and `recall` take any JSON too, because a draft may be
    incomplete and was not checked. The functions that read a stored answer return an empty value (an
    empty list, None or an empty text) for an incomplete one. All other arguments were checked before.

    Imports check by themselves that the responses differ and that their number is in `responses`. A
    kind whose `check_item` checks no more than that may set `CHECKS_ITEM_CONTENT = False`; imports
    then do not call it for every row.
    """

    @property
    def SETTINGS(self) -> frozenset[str]:
        """The fields of a question that only this kind has."""

    def check_config(self, question: Question, /) -> list[Problem]:
        """Return what is wrong with this kind's settings in a question."""

    def responses(self, question: Question, /) -> tuple[int, int]:
        """Return the least and the greatest number of responses that an item may have."""

    def check_item(self, question: Question, item: object, /) -> list[Problem]:
        """Return the reasons why this item cannot be asked about."""

    def check_answer(
        self, question: Question, answer: object, keys: Sequence[str], /
    ) -> list[Problem]:
        """Return what is wrong with an answer in the client's form; `keys` are the lease's response keys."""

    def read_form(
        self, question: Question, fields: Mapping[str, str], keys: Sequence[str], /
    ) -> Any | None:
        """Return the unchecked answer in the fields of an HTML form; None if there is no answer."""

    def present(self, question: Question, /) -> dict[str, Any]:
        """Return the settings that a client needs to ask the question, with every default filled in.

        The desk reads some of them to place the question's fields. If `of_each_response` is true, the
        question is asked under each response. `picks_response` is present if an answer can choose one
        response. It is true if that choice is the whole answer: the head of each response can then be
        clicked, and the head of the chosen one shows `picked_words`.
        """

    def restore(
        self, question: Question, answer: Any, keys: Sequence[str], shown: Sequence[int], /
    ) -> Any | None:
        """Turn a client's answer, complete or not, into its stored form; None if nothing of it is valid.

        `keys[p]` is the key of the response at position p, and `shown[p]` is its stored index.
        """

    def recall(
        self, question: Question, stored: Any, keys: Sequence[str], shown: Sequence[int], /
    ) -> Any | None:
        """Turn a stored answer into the client's form: the inverse of `restore`.

        `keys` and `shown` may be those of a later lease, with another order and other keys.
        """

    def scale(self, question: Question, /) -> Scale | None:
        """Return the scale of this question's judgments; None if it makes no judgments."""

    def judgments(self, question: Question, stored: Any, /) -> list[tuple[Facet, int]]:
        """Return the judgments in a stored answer, each as a facet and its value on the scale."""

    def hit(self, question: Question, stored: Any, reference: Any, /) -> bool | None:
        """Return whether the answer takes the same side as the reference; None if they cannot be compared.

        A reference that takes no side, such as a tie, is hit only by the same answer. Otherwise
        somebody could pass by giving that answer every time.
        """

    def constants(self, question: Question, keys: Sequence[str], /) -> list[tuple[str, Any]]:
        """Return the answers that somebody can give to every item without reading it, in the client's form.

        Each comes with words, which are the same for items with other numbers of responses. `keys[p]` is the
        key of the response at position p. A calibration round must not be passed by any of them.
        """

    def agree(self, question: Question, stored: Any, reference: Any, /) -> float | None:
        """Return how near the answer is to the reference, from 0 to 1; None if they cannot be compared."""

    def summarize(self, question: Question, stored: Any, shown: Sequence[int], /) -> str:
        """Describe the answer in one line for reviewers, who see the responses in the order `shown`."""

    def marks(self, question: Question, stored: Any, /) -> dict[int, str]:
        """Return short labels for the responses that the answer is about, by their stored index."""

    def datasets(self, question: Question, /) -> tuple[str, ...]:
        """Return the names of the datasets that answers to this question can be exported as."""
