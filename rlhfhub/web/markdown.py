"""User text to HTML that can do nothing: no script, no fetch, no spoofed direction.

Text is what a model or a stranger wrote. Three rules hold here: the reader sees what was written
(control characters and LaTeX delimiters stay visible), nothing leaves the browser unless the
reader clicks a link, and the text cannot reach out of its box.
"""

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

# Longer text is shown as it is: parsing it would hold a web process for seconds.
MAX_MARKDOWN_CHARS = 100_000
_CACHED_CHARS = 20_000

_TAGS = {
    *("a", "blockquote", "br", "code", "del", "div", "em", "hr", "li", "ol", "p", "pre", "s"),
    *("span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
    *("h2", "h3", "h4", "h5", "h6"),
}
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_DIRECTED = ("p", "li", *_HEADINGS, "td", "th", "blockquote")
_ATTRIBUTES: dict[str, set[str]] = {tag: {"dir"} for tag in _DIRECTED} | {
    "a": {"href", "target"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "div": {"tabindex"},
}
_CLASSES = {
    "span": {"md-image"},
    "div": {"md-table"},
    **{tag: {f"md-h{n}" for n in range(1, 7)} for tag in _HEADINGS},
}

# Flags of England, Scotland and Wales are spelled with tag characters; elsewhere those hide text.
_FLAG = "\U0001f3f4[\U000e0020-\U000e007f]+"
_HIDDEN = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_HIDDEN_OR_FLAG = re.compile(f"{_FLAG}|{_HIDDEN}")
_NEWLINES = re.compile(r"\r\n?")


def visible(text: str) -> str:
    """Return the text with characters that hide or reorder others replaced by visible marks."""
    return _HIDDEN_OR_FLAG.sub(_mark, _NEWLINES.sub("\n", text))


def _mark(found: re.Match[str]) -> str:
    text = found.group()
    if len(text) > 1:
        return text
    code = ord(text)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"⟦U+{code:04X}⟧"


def render(text: str, top: int = 3) -> SafeString:
    """Return HTML for one piece of user text, inert and isolated in its own direction.

    `top` is the level its greatest heading gets on the page, 2 at least: the page's own stand above it.
    """
    if len(text) <= _CACHED_CHARS:
        return _render_cached(text, top)
    return _render(text, top)


def _render(text: str, top: int) -> SafeString:
    if len(text) > MAX_MARKDOWN_CHARS:
        body = f'<pre dir="auto" tabindex="0">{escape(visible(text))}</pre>'
    else:
        body = _clean(_parser().render(visible(text), {"top": max(top, 2)}))
        # Wide code is scrolled, by keyboard too. The text itself is escaped and holds no tag.
        body = body.replace("<pre><code", '<pre tabindex="0"><code')
    return mark_safe(f'<div class="md" dir="auto">{body}</div>')  # noqa: S308 - cleaned above


# The same item is shown to several annotators within minutes.
_render_cached = lru_cache(maxsize=512)(_render)


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="nofollow noopener noreferrer",
    )


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "latex_delimiter", _keep_latex_delimiter)
    parser.core.ruler.push("shape", _shape)
    parser.add_render_rule("image", _render_image)
    parser.add_render_rule("table_open", _render_table_open)
    parser.add_render_rule("table_close", _render_table_close)
    return parser


def _keep_latex_delimiter(state: StateInline, silent: bool) -> bool:
    r"""Keep ``\(`` and ``\[`` as written: markdown would drop the backslash that marks a formula."""
    pair = state.src[state.pos : state.pos + 2]
    if pair not in (r"\(", r"\)", r"\[", r"\]"):
        return False
    if not silent:
        state.pending += pair
    state.pos += 2
    return True


def _shape(state: StateCore) -> None:
    """Fit the text under the page's own headings, give blocks their direction, open links apart."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            level = int(token.tag[1])
            token.tag = f"h{min(level + state.env['top'] - 1, 6)}"
            if token.nesting == 1:
                token.attrSet("class", f"md-h{level}")
        if token.nesting == 1 and token.tag in _DIRECTED:
            token.attrSet("dir", "auto")
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("target", "_blank")


def _render_image(
    _self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: MutableMapping[str, Any],
) -> str:
    """Name an image instead of fetching it: a fetch would tell its owner who reads, and when."""
    token = tokens[index]
    alt, source = escape(token.content), escape(str(token.attrGet("src") or ""))
    return f'<span class="md-image">image: {alt or "untitled"} ({source})</span>'


def _render_table_open(
    _self: RendererHTML,
    _tokens: Sequence[Token],
    _index: int,
    _options: OptionsDict,
    _env: MutableMapping[str, Any],
) -> str:
    return '<div class="md-table" tabindex="0"><table>'


def _render_table_close(
    _self: RendererHTML,
    _tokens: Sequence[Token],
    _index: int,
    _options: OptionsDict,
    _env: MutableMapping[str, Any],
) -> str:
    return "</table></div>"
