"""Shows user text exactly as stored. Invisible characters are marked, so that different texts never look the same."""

import re
from html import escape

from django.utils.safestring import SafeString, mark_safe

# Controls, formats, separators except space and line feed, private characters, and letters without a glyph.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\uf8ff"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_NAMED = {"\0": "␀", "\x1b": "␛", "\x7f": "␡"}


def raw(text: str) -> SafeString:
    """Return HTML that shows the text as stored, in a `pre` element; each `i` element in it is a mark.

    A mark stands for an invisible character (with its number), an end of line, a tab, or a space at an end of line.
    """
    shown = _INVISIBLE.sub(_mark, escape(text, quote=False))
    if shown.endswith(" "):
        shown = f"{shown[:-1]}<i> </i>"
    # A long text may consist of these only, and `replace` is faster than a regular expression.
    shown = shown.replace(" \n", "<i> </i>\n").replace("\n", "<i>↵</i>\n")
    shown = shown.replace("\t", "<i>\t</i>").replace("\r", "<i>␍</i>")
    # HTML parsers drop a line feed directly after the tag; this extra one protects the text's own.
    return mark_safe(f'<pre class="raw" dir="auto" tabindex="0">\n{shown}</pre>')  # noqa: S308 - escaped


def _mark(found: re.Match[str]) -> str:
    return f"<i>{_NAMED.get(found[0]) or f'U+{ord(found[0]):04X}'}</i>"
