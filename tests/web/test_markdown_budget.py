"""Rendering keeps within its time: by text, by page, and what it costs is remembered by content."""

import html as html_entities
import time
from collections.abc import Callable, Iterator

import pytest
from django.utils.html import strip_tags
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhfhub.web import markdown
from tests.examples import examples
from tests.web.hostile_markdown import HOSTILE, MOST, filled

PLAIN = "Shown as plain text"
# Another machine, and the neighbours that share its caches.
SLACK = 2


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    markdown._cache.clear()
    yield
    markdown._cache.clear()


def seconds(work: Callable[[], object], enough: float) -> float:
    """The least processor time of up to three runs, none of which remembers the one before."""
    least = float("inf")
    for _ in range(3):
        markdown._cache.clear()
        began = time.thread_time()
        work()
        least = min(least, time.thread_time() - began)
        if least <= enough:
            break
    return least


def words_of(html: str) -> str:
    """What a reader sees."""
    return html_entities.unescape(strip_tags(html))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=[repr(name)[:40] for name in HOSTILE])
def test_no_text_takes_longer_than_its_budget(text: str) -> None:
    limit = markdown.TEXT_SECONDS * SLACK
    assert seconds(lambda: markdown.render(text), limit) <= limit


_PIECES = st.sampled_from(
    [
        *("*", "_", "**", "~~", "`", "```\n", "[", "]", "](", "(", ")", "!", "![", "<", ">", "<a>"),
        *("> ", "- ", "1. ", "  ", "    ", "\t", "\n", "\n\n", "|", "|-|-|\n", "# ", "===\n"),
        *("&", "&amp;", "\\", "\\(", "[a]: b\n", "http://a.b", "<http://a.b>", '"', "a", "שלום"),
        *("\\)", "\\[", "\\]", "$", "$$", "\\frac{", "}", "{", "\\\\", "```python\n", "^", "'"),
        *("\u202e", "\U0001f3f4\U000e0067\U000e007f", "\0", "word ", "$", ":", "+", "="),
    ]
)


@st.composite
def hostile(draw: st.DrawFn) -> str:
    """Up to three patterns of special characters, one after the other, each repeated, up to the greatest length."""
    patterns = draw(st.lists(st.lists(_PIECES, min_size=1, max_size=6), min_size=1, max_size=3))
    return "".join(filled("".join(one), MOST // len(patterns)) for one in patterns)


@settings(max_examples=examples(60), deadline=None)
@given(hostile())
def test_no_combination_takes_longer_either(text: str) -> None:
    limit = markdown.TEXT_SECONDS * SLACK
    assert seconds(lambda: markdown.render(text), limit) <= limit


_WORDS = st.lists(st.text("abcdefghijklmnopqrstuvwxyzäñשלום", min_size=1, max_size=9), min_size=1)
_FRAMES = st.sampled_from(
    [
        *("{}", "*{}*", "**{}**", "~~{}~~", "`{}`", "# {}", "> {}", "- {}", "1. {}", "    {}"),
        *("<b>{}</b>", "<{}>", "</{}>", "<div>\n*{}*\n</div>", "<!-- {} -->", "![{}](http://a)"),
        *("|a|\n|-|\n|{}|", r"\({}\)", r"\[{}\]", "[{}](javascript:{})", "[{}](/{})", "<![{}"),
        *("```\n{}\n```", "{}\n===", "[{}", "![{}", "{}](", "{}\\\n{}", "<a b='{}", "{}&amp;{}"),
    ]
)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.tuples(_FRAMES, _WORDS), min_size=1, max_size=12))
def test_every_word_that_was_written_is_shown(parts: list[tuple[str, list[str]]]) -> None:
    text = "\n\n".join(frame.replace("{}", " ".join(words)) for frame, words in parts)
    shown = words_of(markdown.render(text))
    for _, words in parts:
        for word in words:
            assert word in shown, (word, text)


@pytest.mark.parametrize("text", ["> " * 40_000 + "word", "<b>x</b> *y* word " * 10_000])
def test_what_is_past_the_budget_is_whole_and_says_so(text: str) -> None:
    html = markdown.render(text)
    assert PLAIN in html and "<em>" not in html and "<b>" not in html
    assert words_of(html).endswith(text)


def test_raw_html_stays_inert_in_plain_text() -> None:
    html = markdown.render("> " * 100 + "<script>alert(1)</script>&lt;")
    assert PLAIN in html and "&lt;script&gt;" in html and "&amp;lt;" in html


def test_ordinary_text_is_formatted() -> None:
    long = "Some *words* of an answer, with `code` and a [link](https://a.example/).\n\n- one\n- two\n\n"
    assert PLAIN not in markdown.render(filled(long, 20_000))
    assert PLAIN not in markdown.render(filled("A long paragraph of prose. ", MOST))
    assert PLAIN not in markdown.render("> " * 8 + "- deep\n" + "* * * * * * * * * * *")


# The most that one page shows: an item of 1 MiB and guidelines.
_A_PAGE = 12
_LONG = [text for text in HOSTILE.values() if len(text) > MOST // 2]


@pytest.mark.parametrize("first", range(0, len(_LONG), _A_PAGE))
def test_a_page_of_hostile_texts_keeps_within_its_time(first: int) -> None:
    def page() -> None:
        with markdown.page():
            for text in _LONG[first : first + _A_PAGE]:
                markdown.render(text)

    limit = markdown.PAGE_SECONDS * SLACK
    assert seconds(page, limit) <= limit


def test_a_page_of_many_small_texts_keeps_within_its_time() -> None:
    texts = [f"{number} " + "*_" * 500 for number in range(1_000)]

    def page() -> None:
        with markdown.page():
            for text in texts:
                markdown.render(text)

    limit = markdown.PAGE_SECONDS * SLACK
    assert seconds(page, limit) <= limit


def test_what_comes_too_late_on_a_page_is_plain_there_and_formatted_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(markdown, "PAGE_SECONDS", 0.0)
    with markdown.page():
        assert PLAIN in markdown.render("*late*")
    monkeypatch.undo()
    with markdown.page():
        assert "<em>late</em>" in markdown.render("*late*")


@pytest.mark.parametrize("text", ["*a* " * 20_000, "a" * 900_000, "> " * 40_000])
def test_rendered_text_is_remembered_however_long(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = markdown.render(text)
    monkeypatch.setattr(markdown, "visible", None)
    copy = text[:1] + text[1:]
    assert markdown.render(copy) is first


def test_memory_of_rendered_texts_is_bounded() -> None:
    for number in range(60):
        markdown.render(f"{number} " + "ש" * 900_000)
    assert 0 < markdown._cache.currsize <= markdown.CACHE_BYTES


def test_hidden_characters_cost_little() -> None:
    text = ("\u202ea" + "\U0001f3f4\U000e0067\U000e007f") * 200_000
    limit = 0.2 * SLACK
    assert seconds(lambda: markdown.visible(text), limit) <= limit


def test_headings_and_links_come_from_markdown_alone() -> None:
    """The renderer's placeholders are characters that the text cannot hold at that point."""
    html = markdown.render("\x90\x91\x94script> [a](http://x/\x94b) \x950\x96 \\(x\\)")
    assert "<script" not in html and "⟦U+0090⟧⟦U+0091⟧⟦U+0094⟧script" in html
    assert "⟦U+0095⟧0⟦U+0096⟧" in html and html.count("<math>") == 1
