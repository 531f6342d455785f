"""Renders user text as harmless HTML: no script, no fetch, no spoofed direction.

User text was written by a model or a stranger. Three rules hold: the reader sees what was written (control characters
and LaTeX delimiters stay visible), nothing leaves the browser unless the reader clicks a link, and the text cannot
affect the page outside its box.
"""

import hashlib
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from html import escape
from threading import Lock

import nh3
from cachetools import LRUCache
from django.utils.safestring import SafeString, mark_safe

from rlhfhub.web.markdown_code import CODE_CLASSES, prepare
from rlhfhub.web.markdown_formulas import MATH_ATTRIBUTES, MATH_CLASSES
from rlhfhub.web.markdown_html import TooMuchError, to_html

# Longer text is shown plain, because its HTML would slow the browser down.
MAX_MARKDOWN_CHARS = 100_000
# The most processor time for formatting one text; after it the text is shown plain. Processor time, unlike wall time,
# does not depend on how busy the machine is.
TEXT_SECONDS = 0.05
PAGE_SECONDS = 0.5
# The cleaner cannot be interrupted, so its time is estimated from measured seconds per tag or entity and per character.
_CLEANING_A_MARK, _CLEANING_A_CHAR = 0.8e-6, 0.02e-6
_SHORT_CHARS = 4_000
CACHE_BYTES = 32 * 1024 * 1024
_PLAIN_NOTE = "Shown as plain text: formatting it would take too long."

_TAGS = {
    *("a", "blockquote", "br", "code", "del", "div", "em", "hr", "li", "ol", "p", "pre", "s"),
    *("span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
    *("h2", "h3", "h4", "h5", "h6"),
    *MATH_ATTRIBUTES,
}
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_DIRECTED = ("p", "li", *_HEADINGS, "td", "th", "blockquote")
_ATTRIBUTES: dict[str, set[str]] = {tag: {"dir"} for tag in _DIRECTED} | {
    "a": {"href", "target"},
    "pre": {"tabindex"},
    "div": {"tabindex"},
    "span": {"tabindex", "title"},
    **MATH_ATTRIBUTES,
}
_CLASSES = {
    "span": {"md-image", "md-number", "md-tex", "md-formula", "md-formula-block", *CODE_CLASSES},
    "mtd": MATH_CLASSES,
    "mrow": MATH_CLASSES,
    "div": {"md-table"},
    **{tag: {f"md-h{n}" for n in range(1, 7)} for tag in _HEADINGS},
}

# Tag characters are allowed in the flags of England, Scotland and Wales; elsewhere they can hide text.
_FLAG = re.compile("(\U0001f3f4[\U000e0020-\U000e007f]+)")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_NEWLINES = re.compile(r"\r\n?")


def _mark(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"⟦U+{code:04X}⟧"


_MARKS = {code: _mark(code) for code in range(0xE0080) if _HIDDEN.match(chr(code))}


def visible(text: str) -> str:
    """Return the text with characters that hide or reorder others replaced by visible marks."""
    text = _NEWLINES.sub("\n", text)
    if not _HIDDEN.search(text):
        return text
    parts = _FLAG.split(text)
    return "".join(part if n % 2 else part.translate(_MARKS) for n, part in enumerate(parts))


@dataclass(slots=True)
class _Page:
    """The seconds left for texts of the page being rendered."""

    left: float


_page: ContextVar[_Page | None] = ContextVar("page", default=None)


@contextmanager
def page() -> Iterator[None]:
    """Let the texts rendered inside the block share PAGE_SECONDS. Texts after that are shown plain."""
    token = _page.set(_Page(PAGE_SECONDS))
    try:
        yield
    finally:
        _page.reset(token)


# A cache, because the same item is shown to several annotators within minutes. Its limit is in bytes, not in entries.
_cache: LRUCache[tuple[bytes, int], SafeString] = LRUCache(CACHE_BYTES, getsizeof=sys.getsizeof)
_cache_lock = Lock()


def render(text: str, top: int = 3) -> SafeString:
    """Return HTML for one piece of user text, inert and isolated in its own direction.

    `top` is the level of its highest heading on the page, 2 at least, because the page's own heading is above it. If
    formatting takes longer than TEXT_SECONDS or the page's remaining time, the text is shown plain with a note.
    """
    began = time.thread_time()
    key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), top
    with _cache_lock:
        known = _cache.get(key)
    if known is None:
        known = _render(text, top, key)
    now = _page.get()
    if now:
        now.left -= time.thread_time() - began
    return known


def _render(text: str, top: int, key: tuple[bytes, int]) -> SafeString:
    now = _page.get()
    left = now.left if now else PAGE_SECONDS
    # No limit for a short text, which costs little; the garbage collector could use the time up.
    patience = left if len(text) <= _SHORT_CHARS else min(TEXT_SECONDS, left)
    shown = visible(text)
    prepare(shown)
    ends = time.thread_time() + patience
    try:
        body = _formatted(shown, max(top, 2), ends)
    except TooMuchError:
        body = (
            f'<p class="md-plain-note">{_PLAIN_NOTE}</p>'
            f'<pre class="md-plain-text" dir="auto">{escape(shown, quote=False)}</pre>'
        )
        if (
            left < TEXT_SECONDS
        ):  # not cached: the text can be formatted on another page that has time left
            return _boxed(body)
    html = _boxed(body)
    with _cache_lock, suppress(ValueError):  # larger than the whole cache
        _cache[key] = html
    return html


def part(html: str) -> SafeString:
    """Return a part of what `to_html` made, cut out anywhere between two tags, as `render` returns a whole text."""
    return _boxed(_clean(html))


def _boxed(body: str) -> SafeString:
    return mark_safe(f'<div class="md" dir="auto">{body}</div>')  # noqa: S308 - cleaned or escaped


def _formatted(shown: str, top: int, ends: float) -> str:
    """Return markdown as clean HTML. Raises TooMuchError when this thread's processor time would exceed `ends`."""

    def look(marks: int, chars: int) -> None:
        cleaning = marks * _CLEANING_A_MARK + chars * _CLEANING_A_CHAR
        if time.thread_time() + cleaning > ends:
            raise TooMuchError

    if len(shown) > MAX_MARKDOWN_CHARS:
        raise TooMuchError
    html = to_html(shown, top, look)
    look(html.count("<") + html.count("&"), len(html))
    return _clean(html)


def _clean(html: str) -> str:
    """Remove everything that is not allowed: a second defense, because the walk already escapes all text."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="nofollow noopener noreferrer",
    )
