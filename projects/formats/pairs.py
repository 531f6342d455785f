"""The row of a preference dataset in the explicit conversational shape, which TRL, OpenRLHF and
others read: `prompt`, `chosen` and `rejected` are lists of messages; `metadata` is one JSON text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec import Struct

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


Reader = Callable[[bytes], Pair]
"""Makes a pair of one line; raises msgspec's errors for what is none."""

pair_of_json: Reader = msgspec.json.Decoder(Pair).decode
_encode = msgspec.json.Encoder().encode


def pair_lines(chunks: Iterable[bytes], read: Reader = pair_of_json) -> Iterator[bytes]:
    """The pairs in `chunks` of lines, cut anywhere, each as its one canonical line. `read` knows the
    lines; by default they are pairs in JSON.

    What a trainer would run on in silence and learn nothing from is refused here, wherever it may
    come from: equal answers, an empty list of messages, a blank last message.
    """
    for number, line in enumerate(_lines(chunks), 1):
        try:
            pair = read(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise FormatError("bad_pair", f"is not a pair: {error}", number) from error
        if not (pair.prompt and _speaks(pair.chosen) and _speaks(pair.rejected)):
            raise FormatError("bad_pair", "the prompt or an answer is empty", number)
        if pair.chosen == pair.rejected:
            raise FormatError("bad_pair", "both answers are the same", number)
        yield _encode(pair) + b"\n"


def pair_line(
    prompt: list[dict[str, str]],
    chosen: list[dict[str, str]],
    rejected: list[dict[str, str]],
    metadata: str,
) -> bytes:
    """The canonical line of a pair read back from a dataset."""
    row = {"prompt": prompt, "chosen": chosen, "rejected": rejected, "metadata": metadata}
    return _encode(msgspec.convert(row, Pair)) + b"\n"


def _speaks(messages: list[PairMessage]) -> bool:
    return bool(messages) and bool(messages[-1].content.strip())


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    tail = b""
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        if whole:
            whole[0] = tail + whole[0]
            tail = rest
            yield from filter(None, whole)
        else:
            tail += rest
    if tail:
        yield tail
