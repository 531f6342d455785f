"""What a form requires of an item: compiled once for an import, then applied to every row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .item_shape import Message, SentItem, SentResponse

Fault = tuple[str, str]
"""The path of a field, such as `responses[1].text`, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ItemRules:
    """An item must have `least` to `most` responses that readers can tell apart.

    `check`, if given, returns further faults of an item that fulfills this. It gets the item as plain values under
    `prompt`, `responses` and `context`.

    `check_key`, if given, returns faults of the right answer that each row must then hold under `key`; it gets the
    answer and the number of responses. Without it, rows have no `key`.
    """

    least: int = 0
    most: int = 10
    check: Callable[[dict[str, Any]], Sequence[Fault]] | None = None
    check_key: Callable[[Any, int], Sequence[Fault]] | None = None

    def count_fault(self, count: int) -> str | None:
        """What is wrong with `count` responses, or None if that many are allowed."""
        if self.least <= count <= self.most:
            return None
        wanted = (
            f"exactly {self.least}" if self.least == self.most else f"{self.least} to {self.most}"
        )
        return f"the number of responses must be {wanted}, not {count}"

    def faults(self, sent: SentItem) -> Sequence[Fault]:
        """What `check` finds in `sent`, which must be valid in every other respect."""
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
