"""User text exactly as it is. What is invisible is marked, so that no two different texts look the same."""

import re
from html import escape

from django.utils.safestring import SafeString, mark_safe

# Controls, formats, separators other than space and line feed, private characters, and letters that draw nothing.
INVISIBLE = (
    "\x00-\x08\t\x0b-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    "\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\uf8ff\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_TRAILING = re.compile(r"(?<! ) ++(?=\n|\Z)")
_NAMED = {"\0": "␀", "\t": "\t", "\r": "␍", "\x1b": "␛", "\x7f": "␡"}


def raw(text: str) -> SafeString:
    """Return HTML that shows the text as it is stored, in `pre`; each `i` in it is a mark.

    A mark is the number of an invisible character, the end of a line, a tab, or spaces at the end of a line.
    """
    shown = _TRAILING.sub(r"<i>\g<0></i>", escape(text, quote=False))
    shown = _INVISIBLE.sub(_mark, shown).replace("\n", "<i>↵</i>\n")
    # A parser drops a line feed that follows the tag at once: this one.
    return mark_safe(f'<pre class="raw" dir="auto" tabindex="0">\n{shown}</pre>')  # noqa: S308 - escaped


def _mark(found: re.Match[str]) -> str:
    return f"<i>{_NAMED.get(found[0]) or f'U+{ord(found[0]):04X}'}</i>"
