"""Rows that cannot be taken: refused as a whole, naming row and field, nothing changed."""

import json

import pytest

from tests.api.unchanged import nothing_changes
from tests.api.uploads import GOOD, JSON, lines, send
from tests.factories import make_batch, make_item


@pytest.fixture
def draft(project):
    """A batch that takes items."""
    return make_batch(project, items=0)


def _raw(text):
    """An item around a raw piece of JSON, as its metadata."""
    item = json.dumps(make_item(1))
    return f'{item[:-1]}, "metadata": {text}}}\n'.encode()


ROWS = {
    # name: (body, row, field, a word of the message)
    "not JSON": (b'{"prompt": \n', 1, "item", "JSON"),
    "NUL": (lines(GOOD, make_item(2, prompt="a\x00b")), 2, "prompt", "NUL"),
    "lone surrogate": (lines(GOOD, make_item(2, prompt="\ud800")), 2, "prompt", "surrogate"),
    "NaN": (_raw('{"x": NaN}'), 1, "metadata.x", "NaN"),
    "Infinity": (_raw('{"x": -Infinity}'), 1, "metadata.x", "Infinity"),
    "duplicate keys": (_raw('{"x": 1, "x": 2}'), 1, "metadata.x", "twice"),
    "5,000 digits": (_raw('{"x": %s}' % ("9" * 5000)), 1, "metadata.x", "2^53"),
    "5,000 decimals": (_raw('{"x": 0.%s}' % ("9" * 5000)), 1, "metadata.x", "digits"),
    "deep nesting": (_raw("[" * 5000 + "]" * 5000), 1, "item", "nested"),
    "not UTF-8": (b'{"prompt": "\xff"}\n', 1, "item", "UTF-8"),
    "an array for an item": (b"{}\n[1]\n", 1, "prompt", "missing"),
    "a number for a prompt": (lines({**GOOD, "prompt": 5}), 1, "prompt", "text or a list"),
    "true for an id": (lines({**GOOD, "external_id": True}), 1, "external_id", "text"),
    "a long id": (lines({**GOOD, "external_id": "x" * 201}), 1, "external_id", "longer"),
    "a blank prompt": (lines({**GOOD, "prompt": "  "}), 1, "prompt", "blank"),
    "text for responses": (lines({**GOOD, "responses": "x"}), 1, "responses", "list"),
    "one response": (lines({**GOOD, "responses": [{"text": "x"}]}), 1, "responses", "exactly 2"),
    "three responses": (
        lines({**GOOD, "responses": [{"text": t} for t in "xyz"]}),
        1,
        "responses",
        "exactly 2",
    ),
    "equal responses": (
        lines({**GOOD, "responses": [{"text": "x"}, {"text": "x"}]}),
        1,
        "responses[1]",
        "same",
    ),
    "a number for a text": (
        lines({**GOOD, "responses": [{"text": "x"}, {"text": 5}]}),
        1,
        "responses[1].text",
        "text",
    ),
    "an unknown field": (lines({**GOOD, "colour": "red"}), 1, "colour", "not a field"),
    "an unknown role": (
        lines({**GOOD, "prompt": [{"role": "boss", "content": "x"}]}),
        1,
        "prompt[0].role",
        "user",
    ),
    "one id, two contents": (
        lines(GOOD, {**GOOD, "prompt": "Other?"}),
        2,
        "external_id",
        "earlier",
    ),
    "text for metadata": (lines({**GOOD, "metadata": "x"}), 1, "metadata", "object"),
}


@pytest.mark.parametrize("name", ROWS)
def test_bad_rows(workspace_a, draft, name):
    """Refused as a whole, naming row and field."""
    body, row, field, word = ROWS[name]
    with nothing_changes():
        response = send(workspace_a.client, draft, body)
    assert response.status_code == 400, response.content
    answer = response.json()
    assert (answer["code"], answer["errors"][0]["row"], answer["errors"][0]["field"]) == (
        "rejected",
        row,
        field,
    )
    assert word in answer["errors"][0]["message"]
    assert field in answer["detail"]


@pytest.mark.parametrize("name", ROWS)
def test_bad_rows_in_an_array(workspace_a, draft, name):
    """The same in a JSON array; if the rows cannot be separated any more, the whole file is refused."""
    body = b"[" + b",".join(line for line in ROWS[name][0].split(b"\n") if line) + b"]"
    with nothing_changes():
        response = send(workspace_a.client, draft, body, JSON)
    assert response.status_code == 400, response.content
    assert response.json()["errors"][0]["field"]
