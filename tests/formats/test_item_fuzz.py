from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from projects.formats.errors import FormatError, RowFault
from projects.formats.limits import ItemLimits
from projects.formats.reading.item_faults import read_strictly
from projects.formats.reading.item_rules import ItemRules
from projects.formats.reading.item_shape import Item, contents_of, item_of
from projects.formats.reading.item_warnings import warnings_in
from projects.formats.reading.items import ItemReader
from tests.examples import examples

from .rows_of import item, read, turns

pytestmark = pytest.mark.slow

LIMITS = ItemLimits()
# The two roads must agree: whatever the fast one takes, the slow one takes, as the same item.

KEYS = st.sampled_from(["a", "b", ":", 'a":', "external_id", "text", "\u003a"]) | st.text(
    max_size=3
)
LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-(2**54), 2**54)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
)
EXTRA = st.dictionaries(
    KEYS,
    st.recursive(
        LEAF,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)
TEXT = st.text(max_size=8) | st.sampled_from(["", " ", "a:b", 'x":"y', "\0", "\\u003a"])
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", "tool", "human"]), "content": TEXT}
)
RESPONSE = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXT | st.none(),
        "messages": st.lists(MESSAGE, max_size=2) | st.none(),
        "model": TEXT | st.none(),
    },
)
ITEM = st.fixed_dictionaries(
    {"prompt": TEXT | st.lists(MESSAGE, max_size=2), "responses": st.lists(RESPONSE, max_size=3)},
    optional={
        "external_id": TEXT | st.none(),
        "context": EXTRA | st.none(),
        "metadata": EXTRA | st.none(),
    },
)
RULES = ItemRules()
READER = ItemReader(RULES)


def outcome(raw: bytes) -> Item | str:
    try:
        return READER.item(raw)
    except RowFault as found:
        json.dumps(found.field + found.message).encode()
        return found.field


def slow_outcome(raw: bytes) -> Item | str:
    try:
        sent, _ = read_strictly(raw, LIMITS, RULES)
    except RowFault as found:
        return found.field
    contents = contents_of(sent)
    return item_of(sent, contents, contents.joined(), warnings_in(sent, contents))


@given(ITEM, st.booleans(), st.sampled_from([None, (" ,", " :\t")]))
@settings(max_examples=examples(1500), deadline=None)
def test_both_roads_agree(sent: Any, ascii_only: bool, separators: Any) -> None:
    text = json.dumps(sent, ensure_ascii=ascii_only, separators=separators)
    raw = text.encode("utf-8", "surrogatepass")
    assert outcome(raw) == slow_outcome(raw)


@given(EXTRA, st.data())
@settings(max_examples=examples(800), deadline=None)
def test_no_repeated_key_gets_through(extra: Any, data: st.DataObject) -> None:
    """Serialize an item so that one of its objects holds a key twice."""
    sent = item(metadata={"m": extra, "z": [{"k": "v:"}]}, prompt=turns("user"))
    target = data.draw(st.integers(0, 40))
    count = 0

    def written(value: Any) -> str:
        nonlocal count
        if isinstance(value, list):
            return "[" + ",".join(map(written, value)) + "]"
        if not isinstance(value, dict):
            return json.dumps(value, ensure_ascii=data.draw(st.booleans()))
        pairs = [f"{json.dumps(key)} : {written(inner)}" for key, inner in value.items()]
        count += 1
        if value and count % 41 == target:
            key = data.draw(st.sampled_from(sorted(value)))
            spelled = data.draw(
                st.sampled_from([json.dumps(key), '"' + "".join(map(_escape, key)) + '"'])
            )
            junk = data.draw(st.sampled_from(["1", '":::"', '"\\u003a"', "{}", '{"a":[":"]}']))
            pairs.insert(data.draw(st.integers(0, len(pairs))), f"{spelled}:{junk}")
            repeated.append(key)
        return "{" + ",".join(pairs) + "}"

    repeated: list[str] = []
    raw = written(sent).encode("utf-8", "surrogatepass")
    got = outcome(raw)
    assert not (repeated and isinstance(got, Item)), raw


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) > 0xFFFF else f"\\u{ord(character):04x}"


@given(st.binary(max_size=60))
@example(b'{"prompt":')
@settings(max_examples=examples(500), deadline=None)
def test_bytes_never_raise_anything_else(raw: bytes) -> None:
    outcome(raw)
    try:
        read(raw)
        read(b"[" + raw)
    except FormatError:
        return


@pytest.mark.parametrize("array", [False, True])
def test_mutated_files_never_raise_anything_else(array: bool) -> None:
    chance = random.Random(11)
    good = [
        item(external_id=str(n), context={"é": [1.5, None, True]}, metadata={"a": {"b": n}})
        for n in range(6)
    ]
    text = json.dumps(good) if array else "\n".join(json.dumps(each) for each in good)
    body = text.encode()
    pieces = [
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\n",
        b"\xff",
        b"\0",
        b"1e999",
        b"\\u0000",
        b"null",
    ]
    for _ in range(3000):
        bad = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(bad))
            bad[at : at + chance.randrange(4)] = chance.choice(pieces)
        try:
            found = read(bytes(bad))
        except FormatError as error:
            assert array or bad.startswith(b"["), error
            continue
        lines = bytes(bad).split(b"\n")
        for number, row in found:
            if not array and isinstance(row, Item):
                assert row == slow_outcome(lines[number - 1])
