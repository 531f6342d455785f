"""Markdown to HTML: walks the parser's events in Python, so that it can stop at any of them.

The parser is compiled code and linear in a text's length, except for deeply nested blocks, which are refused here.
"""

import re
import time
from collections.abc import Callable
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyromark

from rlhfhub.web import markdown_code as code
from rlhfhub.web import markdown_formulas as formulas
from rlhfhub.web.markdown_lines import Lines

# The deepest nesting of tags: no real text needs more, and the HTML cleaner takes quadratic time in the depth.
MAX_DEPTH = 60
_OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH
# A line that opens so many blocks makes the parser walk all of them again in every later line.
_DEEP_LINE = re.compile(r"^[ \t]*+(?:(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])[ \t]*+){12}", re.MULTILINE)
_EVENTS_A_LOOK = 64

# C1 controls, which `visible` removes from texts, stand for what markdown must take as plain characters. A backslash is
# removed only before a character that has a meaning in markdown; before others it is part of LaTeX, a path or a regex.
_STAND_INS = {
    r"\(": "\x90",
    r"\)": "\x91",
    r"\[": "\x92",
    r"\]": "\x93",
    "<": "\x94",
    "\\\\": "\x97",
    # Markdown would not show a link definition.
    "]:": "\x98",
    **dict(
        zip(
            (f"\\{sign}" for sign in ",;:{}=&%\"'/?@^"),
            "\x80\x81\x82\x83\x84\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e",
            strict=True,
        )
    ),
}
_MEANT = str.maketrans({mark: plain for plain, mark in _STAND_INS.items()})
_SHOWN = str.maketrans({mark: escape(plain, quote=False) for plain, mark in _STAND_INS.items()})
_IN_ADDRESS = str.maketrans(
    {mark: plain if plain == "]:" else plain[-1] for plain, mark in _STAND_INS.items()}
)
# "<" begins an autolink or a link's destination; otherwise it is just "<".
_TO_STAND_IN = re.compile(
    r"""\\[()\[\]\\,;:{}=&%"'/?@^]|\]:"""
    r"""|(?<!\]\()<(?!(?:https?://|mailto:)[^\s<>]*>|[^\s<>@]{1,64}@[^\s<>@]{1,255}>)""",
    re.IGNORECASE,
)
_NUMBER = re.compile(rb"(\d{1,9})[.)]")
_LINKED = re.compile(r"https?://|mailto:", re.IGNORECASE)

_ITEM = '<li dir="auto">'
# The start and end of the HTML for each tag, by the parser's names.
_TAGS = {
    "Paragraph": ('<p dir="auto">', "</p>"),
    "HtmlBlock": ('<p dir="auto">', "</p>"),
    "BlockQuote": ('<blockquote dir="auto">', "</blockquote>"),
    "CodeBlock": ('<pre tabindex="0"><code>', "</code></pre>"),
    "Item": (_ITEM, "</li>"),
    "Table": ('<div class="md-table" tabindex="0"><table>', "</tbody></table></div>"),
    "TableHead": ("<thead><tr>", "</tr></thead><tbody>"),
    "TableRow": ("<tr>", "</tr>"),
    "Emphasis": ("<em>", "</em>"),
    "Strong": ("<strong>", "</strong>"),
    "Strikethrough": ("<s>", "</s>"),
}
# An image is described and never fetched, because a fetch would tell its server who reads the text and when.
_IMAGE = '<span class="md-image">image: '
_BREAKS = ("SoftBreak", "HardBreak")
# The tags that contain lines of text.
_OF_LINES = ("Paragraph", "Item", "Heading", "TableCell")
_LONE = {"SoftBreak": "<br>", "HardBreak": "<br>", "Rule": "<hr>"}


class TooMuchError(Exception):
    """Raised when a text nests too deep, or when formatting it takes too long."""


def to_html(text: str, top: int, look: Callable[[int, int], None]) -> str:
    """Return the HTML of `text`, whose hidden characters are marked already. Its highest heading has level `top`.

    `look` is called every few events with the number of tags and entities, and of characters, made so far. It ends the
    walk by raising.

    Raises: TooMuchError for a text that nests too deep.
    """
    if _DEEP_LINE.search(text):
        raise TooMuchError
    cut = formulas.cut(text, look)
    plain = _TO_STAND_IN.sub(lambda found: _STAND_INS.get(found[0], found[0]), cut.text)
    walk = _Walk(top, cut, plain.encode(), look)
    events = pyromark.events_with_range(plain, options=_OPTIONS, merge_text=True)
    for count, (event, span) in enumerate(events):
        if count % _EVENTS_A_LOOK == 0:
            look(walk.marks, walk.chars)
        walk.take(event, span["start"])
    return "".join(walk.parts).translate(_SHOWN)


class _Walk:
    """Collects the HTML in pieces while events are read."""

    def __init__(
        self, top: int, cut: formulas.Formulas, source: bytes, look: Callable[[int, int], None]
    ) -> None:
        self.parts: list[str] = []
        self.marks = self.chars = 0
        self._top = top
        self._cut = cut
        self._look = look
        self._lines = Lines(source)
        self._source = source
        self._cell = "td"
        # The end of each open tag.
        self._ends: list[str] = []
        # The nesting depth of images at this point. An image's description is shown as text.
        self._images = 0
        # The text of the open code block, and its language.
        self._code: list[str] | None = None
        self._language = ""
        self._code_left = code.CODE_SECONDS

    def take(self, event: Any, start: int) -> None:
        """Handle one event, a name or a name with its content, that begins at byte `start` of the source."""
        if isinstance(event, str):
            self._put(_LONE[event])
            if event in _BREAKS:
                self._indent(start)
            return
        [(name, value)] = event.items()
        if name == "Start":
            self._start(value, start)
        elif name == "End":
            self._end(value)
        elif self._code is not None:
            self._code.append(value)
        elif name == "Code":
            self._put("<code>")
            self._text(self._as_written(value))
            self._put("</code>")
        elif name == "Text":
            self._lines.begin(start)
            self._formatted(value)
        else:  # HTML, which is shown as it was written
            self._text(self._as_written(value))

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

    def _as_written(self, text: str) -> str:
        """Return the text of code and HTML with formulas and stand-ins turned back into their source."""
        return self._cut.sources(text.translate(_MEANT))

    def _formatted(self, text: str) -> None:
        """Write text with its formulas drawn; in an image's description write their source."""
        if self._images:
            self._text(self._cut.sources(text))
            return
        for piece in self._cut.split(text):
            if isinstance(piece, str):
                self._text(piece)
                continue
            html = formulas.html(piece)
            self.parts.append(html)
            self.marks += html.count("<") + html.count("&")
            self.chars += len(html)
            self._look(self.marks, self.chars)

    def _indent(self, start: int) -> None:
        """Keep the indentation of a line, because it may be code without a fence."""
        if spaces := self._lines.indentation(start):
            self._text(" " * spaces)

    def _start(self, started: Any, start: int) -> None:
        name, value = (started, None) if isinstance(started, str) else next(iter(started.items()))
        begins, ends = self._tags(name, value, start)
        self._put(begins)
        self._ends.append(ends)
        if len(self._ends) > MAX_DEPTH:
            raise TooMuchError
        self._images += name == "Image"
        if name in _OF_LINES:
            self._lines.forget(nested=len(self._ends) > 1)
        if name == "CodeBlock":
            self._code = []
            self._language = value.get("Fenced", "") if isinstance(value, dict) else ""
        if name == "TableHead":
            self._cell = "th"

    def _end(self, ended: Any) -> None:
        if ended == "CodeBlock":
            self._end_code()
        if ended == "TableHead":
            self._cell = "td"
        if ended == "Image":
            self._images -= 1
            if self.parts[-1] == _IMAGE:
                self._text("untitled")
        self._put(self._ends.pop())

    def _end_code(self) -> None:
        """Write the code block that ends, highlighted within the text's remaining time for code."""
        written, self._code = self._as_written("".join(self._code or ())), None
        began = time.thread_time()
        found = code.pieces(written, self._language, self._code_left)
        for css, pieces in groupby(found, key=itemgetter(0)):
            if css:
                self._put(f'<span class="{css}">')
            self._text("".join(piece for _, piece in pieces))
            if css:
                self._put("</span>")
        self._code_left -= time.thread_time() - began

    def _tags(self, name: str, value: Any, start: int) -> tuple[str, str]:
        """Return the start and the end of a tag's HTML."""
        if name == "Heading":
            level = int(value["level"][1])
            tag = f"h{min(level + self._top - 1, 6)}"
            return f'<{tag} class="md-h{level}" dir="auto">', f"</{tag}>"
        if name == "List":
            return ("<ul>", "</ul>") if value is None else ("<ol>", "</ol>")
        if name == "Item" and (number := _NUMBER.match(self._source, start)):
            return f'{_ITEM}<span class="md-number">{number[0].decode()}</span><div>', "</div></li>"
        if name == "TableCell":
            return f'<{self._cell} dir="auto">', f"</{self._cell}>"
        if name == "Link":
            return _link(self._addressed(value))
        if name == "Image":
            source = escape(self._addressed(value)["dest_url"])
            return _IMAGE, f" ({source})</span>"
        return _TAGS[name]

    def _addressed(self, value: Any) -> Any:
        address = self._cut.sources(value["dest_url"].translate(_IN_ADDRESS))
        return {**value, "dest_url": address}


def _link(value: Any) -> tuple[str, str]:
    """Return the start and end of a link. A target that must not be followed (a script, a page here) is only shown."""
    address = value["dest_url"]
    if value["link_type"] == "Email":
        address = f"mailto:{address}"
    shown = escape(address)
    if not _LINKED.match(address):
        return "", f" ({shown})"
    return f'<a href="{shown}" target="_blank">', "</a>"
