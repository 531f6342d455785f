"""What a form asks of an item: compiled once, applied to every row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .item_shape import Message, SentItem, SentResponse

Fault = tuple[str, str]
"""A field, like `responses[1].text`, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ItemRules:
    """An item must bring `least` to `most` responses that can be told apart; `check`, if there is one, gives the
    faults of one that does. It gets the item in plain values: prompt, responses and context."""

    least: int = 0
    most: int = 10
    check: Callable[[dict[str, Any]], Sequence[Fault]] | None = None

    def count_fault(self, count: int) -> str | None:
        """What is wrong with so many responses, or None."""
        if self.least <= count <= self.most:
            return None
        wanted = (
            f"exactly {self.least}" if self.least == self.most else f"{self.least} to {self.most}"
        )
        return f"must be {wanted}, here are {count}"

    def faults(self, sent: SentItem) -> Sequence[Fault]:
        """What `check` finds in `sent`, which must be sound but for that."""
        return self.check(_plain_values(sent)) if self.check else ()


def _plain_values(sent: SentItem) -> dict[str, Any]:
    return {
        "prompt": sent.prompt if isinstance(sent.prompt, str) else _plain(sent.prompt),
        "responses": [_response(each) for each in sent.responses or ()],
        "context": sent.context or {},
    }


def _response(sent: SentResponse) -> dict[str, Any]:
    if isinstance(sent.text, str):
        return {"text": sent.text}
    return {"messages": _plain(sent.messages or [])}


def _plain(messages: list[Message]) -> list[dict[str, str]]:
    return [{"role": each.role, "content": each.content} for each in messages]
