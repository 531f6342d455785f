"""Markdown to HTML: the parser's events, walked by us, so that the walk can be stopped at any of them.

The parser is compiled, and linear in a text's length but for blocks nested deep: those are refused here.
"""

import re
from collections.abc import Callable
from html import escape
from typing import Any

import pyromark

# How deep tags may stand in one another. Nobody writes so, and HTML's cleaner is quadratic in it.
MAX_DEPTH = 60
_OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH
# A line that opens so many blocks makes the parser walk all of them again in every later line.
_DEEP_LINE = re.compile(r"^[ \t]*+(?:(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])[ \t]*+){12}", re.MULTILINE)
_EVENTS_A_LOOK = 64

# Stand-ins for what markdown must take as plain characters: `visible` leaves no C1 control in a text.
_STAND_INS = {r"\(": "\x90", r"\)": "\x91", r"\[": "\x92", r"\]": "\x93", "<": "\x94"}
_IN_ADDRESS = str.maketrans({mark: plain[-1] for plain, mark in _STAND_INS.items()})
# A pair of backslashes is one of them by markdown. What "<" begins is an address by itself, or a link's
# destination; else it is no more than "<".
_TO_STAND_IN = re.compile(
    r"\\\\|\\[()\[\]]|(?<!\]\()(?<!\]: )<(?!(?:https?://|mailto:)[^\s<>]*>|[^\s<>@]{1,64}@[^\s<>@]{1,255}>)",
    re.IGNORECASE,
)
_LINKED = re.compile(r"https?://|mailto:", re.IGNORECASE)

# By the parser's names: what begins a tag and what ends it.
_TAGS = {
    "Paragraph": ('<p dir="auto">', "</p>"),
    "HtmlBlock": ('<p dir="auto">', "</p>"),
    "BlockQuote": ('<blockquote dir="auto">', "</blockquote>"),
    "CodeBlock": ('<pre tabindex="0"><code>', "</code></pre>"),
    "Item": ('<li dir="auto">', "</li>"),
    "Table": ('<div class="md-table" tabindex="0"><table>', "</tbody></table></div>"),
    "TableHead": ("<thead><tr>", "</tr></thead><tbody>"),
    "TableRow": ("<tr>", "</tr>"),
    "Emphasis": ("<em>", "</em>"),
    "Strong": ("<strong>", "</strong>"),
    "Strikethrough": ("<s>", "</s>"),
}
# An image is named and never fetched: a fetch would tell its owner who reads, and when.
_IMAGE = '<span class="md-image">image: '
_LONE = {"SoftBreak": "<br>", "HardBreak": "<br>", "Rule": "<hr>"}


class TooMuchError(Exception):
    """The text nests deeper than anybody writes, or whoever waits for it will not wait longer."""


def to_html(text: str, top: int, look: Callable[[int, int], None]) -> str:
    """Return the HTML of `text`, whose hidden characters are marks by now; its greatest heading is of level `top`.

    `look` is called every few events with the number of tags and entities, and of characters, made so far;
    what it raises ends the walk. Raises TooMuchError for what nests too deep.
    """
    if _DEEP_LINE.search(text):
        raise TooMuchError
    plain = _TO_STAND_IN.sub(lambda found: _STAND_INS.get(found[0], found[0]), text)
    walk = _Walk(top)
    for count, event in enumerate(pyromark.events(plain, options=_OPTIONS)):
        if count % _EVENTS_A_LOOK == 0:
            look(walk.marks, walk.chars)
        walk.take(event)
    html = "".join(walk.parts)
    for meant, mark in _STAND_INS.items():
        html = html.replace(mark, escape(meant))
    return html


class _Walk:
    """HTML in pieces, as events come in."""

    def __init__(self, top: int) -> None:
        self.parts: list[str] = []
        self.marks = self.chars = 0
        self._top = top
        self._cell = "td"
        # What each tag that is open ends with.
        self._ends: list[str] = []
        # How many images stand in one another here: what describes them is told as text.
        self._images = 0

    def take(self, event: Any) -> None:
        """One event: a name, or a name and what it holds."""
        if isinstance(event, str):
            self._put(_LONE[event])
            return
        [(name, value)] = event.items()
        if name == "Start":
            self._start(value)
        elif name == "End":
            self._end(value)
        elif name == "Code":
            self._put("<code>")
            self._text(value)
            self._put("</code>")
        else:  # text; and HTML, which is shown as it was written
            self._text(value)

    def _put(self, html: str) -> None:
        if not self._images:
            self.parts.append(html)
            self.marks += 1
            self.chars += len(html)

    def _text(self, text: str) -> None:
        shown = escape(text, quote=False)
        self.parts.append(shown)
        self.marks += shown.count("&")
        self.chars += len(shown)

    def _start(self, started: Any) -> None:
        name, value = (started, None) if isinstance(started, str) else next(iter(started.items()))
        begins, ends = self._tags(name, value)
        self._put(begins)
        self._ends.append(ends)
        if len(self._ends) > MAX_DEPTH:
            raise TooMuchError
        self._images += name == "Image"
        if name == "TableHead":
            self._cell = "th"

    def _end(self, ended: Any) -> None:
        if ended == "TableHead":
            self._cell = "td"
        if ended == "Image":
            self._images -= 1
            if self.parts[-1] == _IMAGE:
                self._text("untitled")
        self._put(self._ends.pop())

    def _tags(self, name: str, value: Any) -> tuple[str, str]:
        """What begins and what ends a tag."""
        if name == "Heading":
            level = int(value["level"][1])
            tag = f"h{min(level + self._top - 1, 6)}"
            return f'<{tag} class="md-h{level}" dir="auto">', f"</{tag}>"
        if name == "List":
            return ("<ul>", "</ul>") if value is None else (f'<ol start="{value}">', "</ol>")
        if name == "TableCell":
            return f'<{self._cell} dir="auto">', f"</{self._cell}>"
        if name == "Link":
            return _link(value)
        if name == "Image":
            source = escape(value["dest_url"].translate(_IN_ADDRESS))
            return _IMAGE, f" ({source})</span>"
        return _TAGS[name]


def _link(value: Any) -> tuple[str, str]:
    """A link apart. What it must not lead to (a page of ours, a script) is told beside it."""
    address = value["dest_url"].translate(_IN_ADDRESS)
    if value["link_type"] == "Email":
        address = f"mailto:{address}"
    shown = escape(address)
    if not _LINKED.match(address):
        return "", f" ({shown})"
    return f'<a href="{shown}" target="_blank">', "</a>"
