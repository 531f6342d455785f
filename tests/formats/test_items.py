from __future__ import annotations

import json
from typing import Any

import pytest

from projects.formats.errors import FormatError, RowFault
from projects.formats.limits import ItemLimits
from projects.formats.reading.item_rules import ItemRules
from projects.formats.reading.item_shape import content_sha256, stored_json

from .rows_of import accepted, fault, item, pair, read, turns

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
    assert got.sha256 == content_sha256(got.prompt, got.responses, got.context, got.metadata)


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


@pytest.mark.parametrize(
    "text", ["e\u0301 vs é", "\u202eabc\u200b", "\t\r\n x \u2028", "\x7f\x01x"]
)
def test_text_stays_as_it_is(text: str) -> None:
    got = accepted(item(prompt=text))
    assert json.loads(got.prompt)[0]["content"] == text


def test_emoji_by_escapes() -> None:
    raw = json.dumps(item(prompt="😀 é \u0085: x")).encode()
    assert b"\\ud83d" in raw
    assert json.loads(accepted(raw).prompt)[0]["content"] == "😀 é \u0085: x"


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
    (item(responses=[]), "responses", "not 0"),
    (pair({"text": "one"}), "responses", "not 1"),
    (item(responses=[{"text": str(n)} for n in range(11)]), "responses", "2 to 10"),
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
    assert (
        fault(three, ItemRules(2, 2)).message == "the number of responses must be exactly 2, not 3"
    )
    assert (
        fault(pair({"text": "a"}), ItemRules(2, 2)).message
        == "the number of responses must be exactly 2, not 1"
    )


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


def test_the_digest_can_be_computed_from_what_is_stored() -> None:
    got = accepted(item(metadata={"z": [1.5, {"b": "é", "a": None}], "a": 2**53}))
    again = [
        stored_json(json.loads(part))
        for part in (got.prompt, got.responses, got.context, got.metadata)
    ]
    assert content_sha256(*again) == got.sha256
