"""The row of a preference dataset in the explicit conversational shape, which TRL, OpenRLHF and
others read: `prompt`, `chosen` and `rejected` are lists of messages; `metadata` is one JSON text."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from rlhfhub.ground.canonical import is_blank, look_alike

from .errors import FormatError


class PairMessage(Struct, forbid_unknown_fields=True, gc=False):
    """One turn, in the key order datasets show."""

    role: str
    content: str


class Pair(Struct, forbid_unknown_fields=True, gc=False):
    """One preferred and one dispreferred continuation of a prompt."""

    prompt: list[PairMessage]
    chosen: list[PairMessage]
    rejected: list[PairMessage]
    metadata: str


_encoder = msgspec.json.Encoder()


def pair_lines(pairs: Sequence[Pair], before: int = 0) -> bytes:
    """The pairs, each as its one canonical line. `before` says how many came before these.

    What a trainer would run on in silence and learn nothing from is refused here, wherever it may
    come from: answers that cannot be told apart, an empty list of messages, a blank last message.
    Raises FormatError.
    """
    for number, pair in enumerate(pairs, before + 1):
        if not (pair.prompt and _speaks(pair.chosen) and _speaks(pair.rejected)):
            raise FormatError("bad_pair", "the prompt or an answer is empty", number)
        if _look_alike(pair.chosen, pair.rejected):
            raise FormatError("bad_pair", "both answers are the same", number)
    return _encoder.encode_lines(pairs)


def pair_line(
    prompt: list[dict[str, str]],
    chosen: list[dict[str, str]],
    rejected: list[dict[str, str]],
    metadata: str,
) -> bytes:
    """The canonical line of a pair read back from a dataset."""
    row = {"prompt": prompt, "chosen": chosen, "rejected": rejected, "metadata": metadata}
    return _encoder.encode(msgspec.convert(row, Pair)) + b"\n"


def _speaks(messages: list[PairMessage]) -> bool:
    return bool(messages) and not is_blank(messages[-1].content)


def _look_alike(chosen: list[PairMessage], rejected: list[PairMessage]) -> bool:
    return len(chosen) == len(rejected) and all(
        one.role == other.role and look_alike(one.content, other.content)
        for one, other in zip(chosen, rejected, strict=True)
    )
