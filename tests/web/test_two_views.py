"""Rendered and raw: no two different texts give the same page in both views, and raw gives the text back."""

import re
import time
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rlhfhub.web import markdown
from rlhfhub.web.raw_text import raw
from tests.examples import examples

_NAMES = {"␀": "\0", "␍": "\r", "␛": "\x1b", "␡": "\x7f", "↵": ""}


class _Reader(HTMLParser):
    """Return the text of a raw view, with each visible mark replaced by the character that it names."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.tags: set[str] = set()
        self._in_mark = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._in_mark = tag == "i"

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = False

    def handle_data(self, data: str) -> None:
        self.text.append(_named(data) if self._in_mark else data)


def _named(mark: str) -> str:
    if mark.startswith("U+"):
        return chr(int(mark[2:], 16))
    return _NAMES.get(mark, mark)


def read_back(html: str) -> str:
    reader = _Reader()
    # A parser makes line feeds of returns, and drops the first one in `pre`.
    reader.feed(html.replace("\r\n", "\n").replace("\r", "\n").replace(">\n", ">", 1))
    reader.close()
    assert reader.tags <= {"pre", "i"}
    return "".join(reader.text)


_PIECES = st.sampled_from(
    [
        *(
            "\\,",
            "\\\\",
            "\\{",
            "\\}",
            "\\(",
            "\\)",
            "\\[",
            "\\]",
            "$",
            "$$",
            "*",
            "_",
            "`",
            "```",
            "~~~\n",
        ),
        *(
            "[a]: b\n",
            "[a]",
            "1. ",
            "2) ",
            "- ",
            "> ",
            "    ",
            "\t",
            " ",
            "\n",
            "\n\n",
            "\r",
            "\r\n",
            "#",
            "|",
        ),
        *(
            "<i>",
            "</i>",
            "</pre>",
            "<pre>",
            "&",
            "&lt;",
            "&#13;",
            "U+202E",
            "↵",
            "␍",
            "␀",
            "⟦U+202E⟧",
        ),
        *(
            "\0",
            "\x85",
            "\xa0",
            "\u202e",
            "\u2066",
            "\u200d",
            "\ufe0f",
            "\ufeff",
            "\u2028",
            "e\u0301",
            "é",
        ),
        *("x", "1", "word", "שלום", "\\frac{a}{b}", "%", "\x95", "\x950\x96"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(_PIECES, max_size=12).map("".join))


@settings(max_examples=examples(400), deadline=None)
@given(TEXTS)
@example("\n\na \n")
@example("\r\n")
def test_the_raw_view_gives_every_character_back(text: str) -> None:
    assert read_back(raw(text)) == text


@settings(max_examples=examples(400), deadline=None)
@given(TEXTS, TEXTS)
@example(r"\(a \, b\)", r"\(a b\)")
@example("a\r\nb", "a\nb")
@example("␀", "\0")
@example("1. a\n1. b", "1. a\n2. b")
def test_no_two_texts_give_the_same_page_in_both_views(one: str, other: str) -> None:
    pages = [(markdown.render(text), raw(text)) for text in (one, other)]
    assert (pages[0] == pages[1]) == (one == other)


def test_every_invisible_character_is_marked() -> None:
    """By Unicode's categories: controls, formats, separators, private characters. A line feed and a space are plain."""
    wanted = {"Cc", "Cf", "Zl", "Zp", "Zs", "Co"}
    plain = [
        hex(code)
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in wanted
        and code not in (0x0A, 0x20)
        and "<i>" not in raw(f"a{chr(code)}b")
    ]
    assert plain == []


def test_blanks_at_the_end_of_a_line_are_marked() -> None:
    assert (
        raw("a  \nb ")
        == '<pre class="raw" dir="auto" tabindex="0">\na <i> </i><i>↵</i>\nb<i> </i></pre>'
    )


@pytest.mark.parametrize("pattern", ["\u202ea", "a \n", "<&>\t", "  x", "\r\n"])
@pytest.mark.slow
def test_the_raw_view_costs_little(pattern: str) -> None:
    """The longest item is 1 MiB of UTF-8."""
    text = pattern * ((1 << 20) // len(pattern.encode()))
    least = float("inf")
    for _ in range(3):
        began = time.thread_time()
        raw(text)
        least = min(least, time.thread_time() - began)
    assert least <= 0.5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\(a\,b\)", r"\(a,b\)"),
        (r"\[a \\ b\]", r"\[a \ b\]"),
        (r"\(\{a\}\)", r"\({a}\)"),
        (r"so \{a\}", "so {a}"),
        (r"C:\\new", r"C:\new"),
        ("$a*b*c$", "$abc$"),
        ("see\n\n[1]: http://a.example", "see"),
        ("[1]: http://a.example\n[1]: http://b.example", "[1]: http://a.example"),
        ("1. a\n1. b", "1. a\n2. b"),
        ("3. a\n7. b", "3. a\n4. b"),
        ("1) a", "1. a"),
        ("if x:\n    return y", "if x:\nreturn y"),
    ],
)
def test_what_was_eaten_is_shown(one: str, other: str) -> None:
    assert re.sub(r'title="[^"]*"', "", markdown.render(one)) != re.sub(
        r'title="[^"]*"', "", markdown.render(other)
    )
