"""Texts that look the same have one canonical form; different texts have different forms."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhfhub.ground.canonical import canonical, is_blank, look_alike
from tests.examples import examples

ALIKE = {
    "blanks at the ends": ("An answer.", " \tAn answer.\n\n"),
    "a blank that is no ASCII": ("An answer.", "An answer.\u00a0\u3000"),
    "line ends": ("One.\nTwo.", "One.\r\nTwo."),
    "old line ends": ("One.\nTwo.", "One.\rTwo."),
    "a line separator": ("One.\nTwo.", "One.\u2028Two."),
    "the Unicode form": ("caf\u00e9 au lait", "cafe\u0301 au lait"),
    "the form of Hangul": ("\ud55c\uae00", "\u1112\u1161\u11ab\u1100\u1173\u11af"),
    "a zero-width space": ("An answer.", "An\u200b answer."),
    "a byte order mark": ("An answer.", "\ufeffAn answer."),
    "a soft hyphen": ("An answer.", "An ans\u00adwer."),
    "a direction mark": ("An answer.", "An answer.\u200f"),
    "a word joiner": ("An answer.", "An\u2060 answer."),
    "a variation selector": ("A heart: \u2764", "A heart: \u2764\ufe0f"),
    "a Hangul filler": ("An answer.", "An answer.\u3164"),
    "a control character": ("An answer.", "An\x08 answer.\x7f"),
    "a joiner between Latin letters": ("An answer.", "An an\u200cswer."),
    "a tag": ("An answer.", "An answer.\U000e0041"),
}
DIFFERENT = {
    "a word": ("An answer.", "An answerer."),
    "blanks within": ("a  b", "a b"),
    "an indentation": ("x\n  y", "x\ny"),
    "upper case": ("An answer.", "an answer."),
    "an accent": ("cafe", "caf\u00e9"),
    "a Persian joiner": ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"),
    "a joiner after a virama": ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u0937"),
    "a family of emoji": ("\U0001f468\u200d\U0001f469", "\U0001f468\U0001f469"),
    "a compatible form": ("x\u00b2", "x2"),
    "a last word": (
        "The same for more than thirty-two characters, a.",
        "The same for more than thirty-two characters, b.",
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_what_nobody_can_tell_apart(name: str) -> None:
    first, second = ALIKE[name]
    assert first != second
    assert canonical(first) == canonical(second)
    assert look_alike(first, second) and look_alike(second, first)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_anybody_can_tell_apart(name: str) -> None:
    first, second = DIFFERENT[name]
    assert canonical(first) != canonical(second)
    assert not look_alike(first, second)


@pytest.mark.parametrize(
    "text", ["", " \n", "\u200b", "\ufeff\r\n\u2060", "\x00\x01", "\u200b" * 50]
)
def test_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize(
    "text", ["a", " .", "\u200bx", "\u200b" * 50 + "x", "\u4e2d", "\U0001f600"]
)
def test_not_blank(text: str) -> None:
    assert not is_blank(text)


PIECES = st.sampled_from(
    [*"ab \n\r\t.", "\r\n", "e\u0301", "\u00e9", "\u0301", "\u200b", "\u200d", "\ufe0f", "\u094d", "\u0915", "\u0645",
     "\u1112", "\u1161", "\u11ab", "\ud558", "\u4e2d", "\U0001f468", "\u3164", "\x00", "\x1c", "\x85", "\u2028", "\xa0"]
)  # fmt: skip
TEXT = st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=8)


@given(TEXT)
@settings(max_examples=examples(300), deadline=None)
def test_it_is_its_own_canonical_form(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert is_blank(text) == (not once)


@given(st.text(max_size=40), TEXT, TEXT, TEXT)
@settings(max_examples=examples(500), deadline=None)
def test_the_short_cut_says_what_the_long_way_says(
    begin: str, one: str, other: str, end: str
) -> None:
    first, second = begin + one + end, begin + other + end
    assert look_alike(first, second) == (canonical(first) == canonical(second))
    assert look_alike(one, other) == (canonical(one) == canonical(other))


def test_a_megabyte_of_joiners_costs_no_more_than_others() -> None:
    """Each pattern looks back at one character only."""
    assert canonical("\u200d" * 300_000 + "x") == "x"
