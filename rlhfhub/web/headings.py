"""Headings of rendered user text: its sections by heading, and anchors on the headings.

Both read the HTML made by the renderer, in which a heading can only come from the text's own markup.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape, unescape

from django.utils.safestring import SafeString, mark_safe

from rlhfhub.web import markdown
from rlhfhub.web.markdown_html import TooMuchError, to_html
from rlhfhub.web.plain_text import plain_text

_HEADING = re.compile(r"<(h[2-6])( class=\"md-h(\d)\"[^>]*)>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# The number that an author gave a heading: "R2 Ties", "R2: Ties", "R2. Ties".
_NUMBER = re.compile(r"(R[1-9]\d{0,3})(?![\w-])[\s.:)\u2013\u2014-]*")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text below it, up to the next heading of any level; both as plain text.

    `body` is on one line, to be compared; `text` is the same with its lines and the marks of its lists, to be read.
    `html` is what the renderer made of it, which only `markdown.part` makes fit to be shown.
    `number` is the number with which the author's heading begins, such as R2, or empty; `title` is without it.
    """

    level: int
    title: str
    body: str
    number: str = ""
    text: str = ""
    html: str = ""


def sections_of(text: str) -> list[Section]:
    """Return the sections of a markdown text in order. Text before the first heading belongs to none.

    A text that nests too deep for the renderer is shown plain and has no sections.
    """
    try:
        html = to_html(markdown.visible(text), 2, _no_limit)
    except TooMuchError:
        return []
    found = list(_HEADING.finditer(html))
    ends = [*(match.start() for match in found), len(html)][1:]
    return [
        Section(int(match[3]), *_named(match[4], html[match.end() : end]))
        for match, end in zip(found, ends, strict=True)
    ]


def with_anchors(html: str, anchors: Iterable[tuple[str, str]]) -> SafeString:
    """Return rendered `html` whose headings carry ids and a link to themselves.

    `anchors` are (id, title) in the order of the headings. A heading with another title gets none. A text that is shown
    plain has no headings.
    """
    waiting = list(anchors)

    def anchored(match: re.Match[str]) -> str:
        tag, attributes, inner = match[1], match[2], match[4]
        number, title = _split(_title(inner))
        at = next((n for n, (_, known) in enumerate(waiting) if known == title), None)
        if at is None:
            return match[0]
        name = escape(waiting[at][0])
        del waiting[: at + 1]
        shown = "#" if number else name
        link = f'<a class="md-anchor" href="#{name}" aria-label="Rule {name}">{shown}</a>'
        return f'<{tag} id="{name}"{attributes}>{inner} {link}</{tag}>'

    return mark_safe(_HEADING.sub(anchored, html))  # noqa: S308 - rendered before; names are escaped


def _named(heading: str, below: str) -> tuple[str, str, str, str, str]:
    """Return title, body, number, text and HTML of a section."""
    number, title = _split(_title(heading))
    return title, _plain(below), number, plain_text(below), below


def _split(title: str) -> tuple[str, str]:
    """Return the number that a title begins with, or an empty text, and the rest; a number alone is its title too."""
    found = _NUMBER.match(title)
    if found is None:
        return "", title
    return found[1], title[found.end() :] or found[1]


def _title(html: str) -> str:
    return _plain(_TAG.sub("", html.replace("<br>", " ")))


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def _no_limit(_marks: int, _chars: int) -> None:
    """Set no limit on the walk, because rule ids must not depend on how busy the machine is."""
