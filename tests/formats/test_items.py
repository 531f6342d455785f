from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from projects.formats.errors import FormatError, RowFault
from projects.formats.item_faults import explained_item
from projects.formats.item_shape import Item, content_sha256, stored_item, stored_json
from projects.formats.items import ItemReader
from projects.formats.limits import ItemLimits

from .rows_of import accepted, fault, item, read

LIMITS = ItemLimits()
DEEP = b"[" * 100_000 + b"]" * 100_000


def test_text_becomes_messages() -> None:
    got = accepted(item(context={"b": 1, "a": "é"}, metadata=None))
    assert got.external_id == "a-1"
    assert got.prompt == b'[{"content":"Why is the sky blue?","role":"user"}]'
    assert json.loads(got.responses)[1] == {
        "messages": [{"role": "assistant", "content": "It reflects."}]
    }
    assert got.context == '{"a":"é","b":1}'.encode()
    assert got.metadata == b"{}"
    assert got.sha256 == content_sha256(*got[1:5])


def test_the_same_content_sent_otherwise_is_the_same() -> None:
    first = accepted(item(responses=[{"text": "a:b", "model": "m"}, {"text": "é"}]))
    other = accepted(
        json.dumps(
            {
                "metadata": {},
                "responses": [
                    {"model": "m", "messages": [{"role": "assistant", "content": "a:b"}]},
                    {"text": None, "messages": [{"content": "é", "role": "assistant"}]},
                ],
                "prompt": [{"role": "user", "content": "Why is the sky blue?"}],
                "external_id": "a-1",
                "context": None,
            },
            indent=1,
        ).encode()
    )
    assert first == other


def test_no_external_id() -> None:
    got = accepted(item(external_id=...))
    assert got.external_id == f"sha256:{got.sha256[:32]}"
    assert accepted(item(external_id=None)) == got


@pytest.mark.parametrize("text", ["e\u0301 vs é", "\u202eabc\u200b", "\t\r\n x \u2028", "\x7f\x01"])
def test_text_stays_as_it_is(text: str) -> None:
    got = accepted(item(prompt=text))
    assert json.loads(got.prompt)[0]["content"] == text


def test_emoji_by_escapes() -> None:
    raw = json.dumps(item(prompt="😀 é \u0085: x")).encode()
    assert b"\\ud83d" in raw
    assert json.loads(accepted(raw).prompt)[0]["content"] == "😀 é \u0085: x"


def turns(*roles: str) -> list[dict[str, str]]:
    return [{"role": role, "content": "c"} for role in roles]


def pair(*responses: Any) -> dict[str, Any]:
    return item(responses=list(responses))


BAD: list[tuple[Any, str, str]] = [
    (item(prompt=...), "prompt", "missing"),
    (item(responses=...), "responses", "missing"),
    (item(prompt=None), "prompt", "null"),
    (item(prompt=5), "prompt", "a number"),
    (item(prompt=""), "prompt", "blank"),
    (item(prompt=" \n\u2003"), "prompt", "blank"),
    (item(prompt=[]), "prompt", "no message"),
    (item(prompt=["x"]), "prompt[0]", "object"),
    (item(prompt=turns("user") * 1001), "prompt", "more than 1000"),
    (item(prompt=turns("user", "assistant")), "prompt[1].role", "user"),
    (item(prompt=[{"role": "human", "content": "x"}]), "prompt[0].role", "system, user"),
    (item(prompt=[{"role": "user", "content": 1}]), "prompt[0].content", "text"),
    (item(prompt=[{"role": "user", "content": " "}]), "prompt[0].content", "blank"),
    (item(prompt=[{"role": "user"}]), "prompt[0].content", "missing"),
    (item(prompt=[{"role": "user", "content": "x", "name": "n"}]), "prompt[0].name", "field"),
    (item(prompt="a\0b"), "prompt", "NUL"),
    (item(external_id=7), "external_id", "text, not a number"),
    (item(external_id=""), "external_id", "blank"),
    (item(external_id="x" * 201), "external_id", "200"),
    (item(responses={}), "responses", "list"),
    (item(responses=[]), "responses", "here are 0"),
    (pair({"text": "one"}), "responses", "here are 1"),
    (item(responses=[{"text": str(n)} for n in range(27)]), "responses", "2 to 26"),
    (pair({"text": "a"}, {"text": "a", "model": "m"}), "responses[1]", "same as responses[0]"),
    (pair({"text": "b"}, {"text": "a"}, {"text": "b"}), "responses[2]", "same"),
    (
        pair({"text": "a"}, {"messages": [{"role": "assistant", "content": "a"}]}),
        "responses[1]",
        "same",
    ),
    (pair({"text": "a"}, "b"), "responses[1]", "object, not text"),
    (pair({"text": "a"}, {"text": ""}), "responses[1].text", "blank"),
    (pair({"text": "a"}, {"text": True}), "responses[1].text", "true or false"),
    (pair({"text": "a"}, {}), "responses[1]", "either"),
    (pair({"text": "a"}, {"text": "b", "messages": turns("assistant")}), "responses[1]", "either"),
    (pair({"text": "a"}, {"text": "b", "messages": []}), "responses[1]", "either"),
    (pair({"text": "a"}, {"messages": []}), "responses[1].messages", "no message"),
    (pair({"text": "a"}, {"messages": turns("user")}), "responses[1].messages[0].role", "first"),
    (
        pair({"text": "a"}, {"messages": turns("assistant", "user")}),
        "responses[1].messages[1].role",
        "last",
    ),
    (pair({"text": "a"}, {"messages": {}}), "responses[1].messages", "list of messages"),
    (pair({"text": "a"}, {"text": "b", "score": 1}), "responses[1].score", "not a field"),
    (pair({"text": "a"}, {"text": "b", "model": 1}), "responses[1].model", "text"),
    (pair({"text": "a"}, {"text": "b", "model": "m" * 201}), "responses[1].model", "200"),
    (pair({"text": "a"}, {"text": "b\0"}), "responses[1].text", "NUL"),
    (item(extra=1), "extra", "not a field"),
    (item(**{"a b": 1}), '["a b"]', "not a field"),
    (item(context=[]), "context", "object, not an array"),
    (item(metadata="x"), "metadata", "object, not text"),
    (item(metadata={"a": {"b": ["x", "y\0"]}}), "metadata.a.b[1]", "NUL"),
    (item(metadata={"a\0": 1}), 'metadata["a\\u0000"]', "NUL"),
    (item(metadata={str(n): n for n in range(1001)}), "metadata", "1000 keys"),
    (item(metadata={"a": [{"b": 1}] * 1001}), "metadata", "1000 keys"),
    (item(context={"a": "x" * 65536}), "context", "65536 bytes"),
    (item(metadata={"n": 2**53 + 1}), "metadata.n", "2^53"),
    (item(metadata={"n": [-(2**70)]}), "metadata.n[0]", "2^53"),
]


@pytest.mark.parametrize(("sent", "field", "words"), BAD)
def test_bad_items(sent: dict[str, Any], field: str, words: str) -> None:
    found = fault(sent)
    assert found.field == field
    assert words in found.message


def with_metadata(raw: bytes) -> bytes:
    return json.dumps(item()).encode()[:-1] + b', "metadata": {"n": ' + raw + b"}}"


BAD_TEXT: list[tuple[bytes, str, str]] = [
    (with_metadata(b"NaN"), "metadata.n", "NaN"),
    (with_metadata(b"-Infinity"), "metadata.n", "-Infinity"),
    (with_metadata(b"9" * 5000), "metadata.n", "2^53"),
    (with_metadata(b"-" + b"9" * 500_000), "metadata.n", "2^53"),
    (with_metadata(b"0." + b"1" * 5000), "metadata.n", "digits"),
    (with_metadata(b"1e999999"), "metadata.n", "large"),
    (with_metadata(b"1e-999999"), "metadata.n", "small"),
    (with_metadata(b"1e" + b"9" * 5000), "metadata.n", "digits"),
    (with_metadata(DEEP), "item", "deeper than 32"),
    (with_metadata(b'{"a":' * 30 + b"1" + b"}" * 30), "", ""),
    (with_metadata(b'{"a":' * 31 + b"1" + b"}" * 31), "item", "deeper"),
    (with_metadata(b'"\\ud800"'), "metadata.n", "surrogate"),
    (with_metadata(b'{"\\udc00x": 1}'), 'metadata.n["\\udc00x"]', "surrogate"),
    (with_metadata(b'{"a": 1, "a": 1}'), "metadata.n.a", "twice"),
    (with_metadata(b'{"a" : 1, "\\u0061" : 2}'), "metadata.n.a", "twice"),
    (
        with_metadata(b'[{"x": {"a\\u003a" : 1, "a\\u003a" : "::"}}]'),
        'metadata.n[0].x["a:"]',
        "twice",
    ),
    (with_metadata(b'1, "n": "\\u003a\\u003A"'), "metadata.n", "twice"),
    (with_metadata(b"1, 'n': 2"), "item", "not valid JSON"),
    (with_metadata(b"01"), "item", "not valid JSON"),
    (with_metadata(b'"\xff"'), "item", "not UTF-8"),
    (with_metadata(b'"\xed\xa0\x80"'), "item", "not UTF-8"),
    (with_metadata(b'"\x00"'), "item", "not valid JSON"),
    (
        b'{"prompt": "a", "prompt": "b", "responses": [{"text": "a"}, {"text": "b"}]}',
        "prompt",
        "twice",
    ),
    (
        b'{"prompt": "a", "responses": [{"text": "a", "text" : "c"}, {"text": "b"}]}',
        "responses[0].text",
        "twice",
    ),
    (
        b'{"prompt": [{"role": "user", "role": "user", "content": "x"}], "responses": []}',
        "prompt[0].role",
        "twice",
    ),
    (b'{"prompt": "\\ud83d", "responses": [{"text": "a"}, {"text": "b"}]}', "prompt", "surrogate"),
    (b"null", "item", "object, not null"),
    (b"[1]", "item", "object, not an array"),
    (b'{"prompt"', "item", "not valid JSON"),
    (b'{} {"prompt":"a"}', "item", "not valid JSON"),
    (b"\xef\xbb\xbf{}", "item", "not valid JSON"),
]


@pytest.mark.parametrize(("raw", "field", "words"), BAD_TEXT)
def test_bad_json(raw: bytes, field: str, words: str) -> None:
    if not field:
        accepted(raw)
        return
    found = fault(raw)
    assert found.field == field
    assert words in found.message
    json.dumps(found.field).encode()
    assert len(found.message) < 200


def test_good_numbers() -> None:
    for raw in (
        b"9007199254740992",
        b"-9007199254740992",
        b"0.1",
        b"-0.0",
        b"1e308",
        b"5e-324",
        b"0e-999",
    ):
        accepted(with_metadata(raw))


def test_exact_responses() -> None:
    three = pair({"text": "a"}, {"text": "b"}, {"text": "c"})
    accepted(three)
    assert fault(three, 2).message == "must be exactly 2, here are 3"
    assert fault(pair({"text": "a"}), 2).message == "must be exactly 2, here are 1"


def test_tools_and_branches_pass() -> None:
    accepted(item(prompt=turns("system", "user", "assistant", "tool")))
    accepted(pair({"messages": turns("assistant", "tool", "assistant")}, {"text": "b"}))
    accepted(item(prompt=[{"role": "tool", "content": ""}]))


def test_faults_keep_their_rows() -> None:
    lines = [json.dumps(item(external_id=str(n))).encode() for n in range(5)]
    lines[1] = b"{"
    lines[3] = json.dumps(item(prompt="")).encode()
    found = read(b"\n".join(lines))
    assert [number for number, row in found if isinstance(row, RowFault)] == [2, 4]


def test_a_broken_row_ends_an_array() -> None:
    rows = [json.dumps(item(external_id=str(n))) for n in range(4)]
    rows[2] = rows[2].replace('"prompt":', '"prompt"')
    with pytest.raises(FormatError, match="not valid JSON") as caught:
        read(("[" + ",".join(rows) + "]").encode())
    assert (caught.value.row, caught.value.field) == (3, "item")


def test_too_many_rows() -> None:
    body = b"\n".join(json.dumps(item(external_id=str(n))).encode() for n in range(4))
    with pytest.raises(FormatError, match="more than 3 rows") as caught:
        read(body, ItemLimits(rows=3))
    assert caught.value.row == 4


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
READER = ItemReader(LIMITS)


def outcome(raw: bytes) -> Item | str:
    try:
        return READER.item(raw)
    except RowFault as found:
        json.dumps(found.field + found.message).encode()
        return found.field


def slow_outcome(raw: bytes) -> Item | str:
    try:
        return stored_item(explained_item(raw, LIMITS, None))
    except RowFault as found:
        return found.field


@given(ITEM, st.booleans(), st.sampled_from([None, (" ,", " :\t")]))
@settings(max_examples=1500, deadline=None)
def test_both_roads_agree(sent: Any, ascii_only: bool, separators: Any) -> None:
    text = json.dumps(sent, ensure_ascii=ascii_only, separators=separators)
    raw = text.encode("utf-8", "surrogatepass")
    assert outcome(raw) == slow_outcome(raw)


@given(EXTRA, st.data())
@settings(max_examples=800, deadline=None)
def test_no_repeated_key_gets_through(extra: Any, data: st.DataObject) -> None:
    """Rewrites an item's pairs by hand so that some object holds one key twice."""
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
@settings(max_examples=500, deadline=None)
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


def test_the_digest_can_be_computed_from_what_is_stored() -> None:
    got = accepted(item(metadata={"z": [1.5, {"b": "é", "a": None}], "a": 2**53}))
    again = [stored_json(json.loads(part)) for part in got[1:5]]
    assert content_sha256(*again) == got.sha256
