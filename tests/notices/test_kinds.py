"""Every kind of notice has words that render in the page and in both parts of a mail, and leads to a page."""

import uuid
from typing import Any

import pytest
from django.urls import resolve
from django.utils.html import escape, strip_tags

from rlhfhub.notices import kinds
from rlhfhub.notices.letters import Letter, Paragraph
from rlhfhub.notices.messages import message_of, one_line
from tests.notices.examples import EXAMPLES
from tests.notices.told import ALERTING, DECIDED

EACH = [(name, data) for name, rows in EXAMPLES.items() for data in rows]
OF_TESTS = {ALERTING, DECIDED}


def test_every_kind_has_an_example() -> None:
    assert {kind.name for kind in kinds.registered()} - OF_TESTS == set(EXAMPLES)


@pytest.mark.parametrize(("name", "data"), EACH)
def test_its_words_say_what_and_lead_on(name: str, data: dict[str, Any]) -> None:
    words = kinds.kind_of(name).words(data)
    assert data.get("project", "") in words.title
    assert 10 < len(words.title) <= 150 and not words.title.endswith(".")
    assert words.text.endswith(".") and len(words.text) > 40
    for text in (words.title, words.text):
        assert text.isprintable()
        assert "None" not in text and "{" not in text
    assert resolve(words.path).url_name


@pytest.mark.parametrize(("name", "data"), EACH)
def test_both_parts_of_a_mail_hold_them(name: str, data: dict[str, Any]) -> None:
    words = kinds.kind_of(name).words(data)
    paragraph = Paragraph(words.title, words.text, "https://hub.example" + words.path)
    letter = Letter(to="a@b.example", subject=words.title, paragraphs=[paragraph], why="Because.")
    message = message_of(uuid.UUID(int=1), letter)
    ((html, _),) = message.alternatives
    for text in (words.title, words.text, paragraph.url):
        assert text in message.body
        assert escape(text) in str(html)
    assert message.subject == words.title
    assert "<" not in strip_tags(str(html).partition("</head>")[2])


@pytest.mark.parametrize(("name", "data"), EACH)
def test_a_long_name_fits(name: str, data: dict[str, Any]) -> None:
    words = kinds.kind_of(name).words(data | {"project": "x" * 120})
    assert len(one_line(words.title)) <= 200
