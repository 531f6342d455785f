"""What every question kind must provide."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from projects.kinds.problems import Problem

Question = Mapping[str, Any]
Level = Literal["nominal", "ordinal", "interval"]


class Kind(Protocol):
    """One kind of question, fulfilled by a module.

    Whatever JSON a client sends may be handed to the functions named check_: they answer with
    problems and never raise. `present`, `restore` and `label` are called with what was checked.

    A kind whose `check_item` asks no more than that the responses can be told apart and are as many
    as `responses` says may set `LOOKS_INTO_ITEMS = False`: imports see to that themselves, and need
    not ask the kind for every row.
    """

    @property
    def SETTINGS(self) -> frozenset[str]:
        """The fields of a question that belong to this kind alone."""

    @property
    def LEVEL(self) -> Level | None:
        """How far two labels are apart when agreement is computed; None for a kind without."""

    def check_config(self, question: Question, /) -> list[Problem]:
        """What is wrong with this kind's settings of a question."""

    def responses(self, question: Question, /) -> tuple[int, int]:
        """The least and the most responses an item must bring."""

    def check_item(self, question: Question, item: object, /) -> list[Problem]:
        """Why this item cannot be asked about."""

    def check_answer(
        self, question: Question, answer: object, keys: Sequence[str], /
    ) -> list[Problem]:
        """What is wrong with an answer; `keys` are the lease's response keys."""

    def present(self, question: Question, /) -> dict[str, Any]:
        """The settings a client needs to ask the question."""

    def restore(
        self, question: Question, answer: Any, keys: Sequence[str], shown: Sequence[int], /
    ) -> Any:
        """The answer as it is stored: about stored responses and not about shown positions."""

    def label(self, question: Question, stored: Any, /) -> int | None:
        """The stored answer as a number on the kind's scale, for statistics."""
