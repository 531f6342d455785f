r"""Formulas: taken out of a text before markdown reads it, and put back as MathML, which browsers draw.

A formula is enclosed in `$` and `$`, `$$` and `$$`, `\(` and `\)` or `\[` and `\]`. One that the library cannot draw
completely is shown as its source.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from math_core import LatexError, LatexToMathML

# The library recurses for each nested group or command, and a web server's thread has a small stack.
_MOST_CHARS, _MOST_COMMANDS, _MOST_DEPTH = 4_000, 300, 40
_MOST_EXPANSIONS = 50  # of commands that the library defines by others
# Formulas with these are shown as source: they would drop, hide or number something, or define commands.
_REFUSED = re.compile(
    r"(?<!\\)(?:\\\\)*(?:%|\\(?:(?:re|provide)?newcommand|def|let|DeclareMathOperator|phantom|[hv]phantom|smash"
    r"|ref|eqref|label|tag|notag|nonumber|color|textcolor|colorbox|fcolorbox)(?![A-Za-z]))"
    r"|\\newcommand|\n[ \t]*>"
)
_NUMBERED = re.compile(r"\\(begin|end)\{(align|equation|gather|multline|alignat|flalign)\}")
_STYLE = re.compile(r' style="([^"]*)"')
_STYLES = {
    "text-align: left": "ma-left",
    "text-align: right": "ma-right",
    "padding-left:1em": "ma-gap",
    "padding-left: 0": "ma-joined",
    "border-right: 0.05em solid currentcolor": "ma-bar",
    "border-top: 0.05em solid currentcolor": "ma-rule",
    "border-bottom: 0.05em solid currentcolor": "ma-rule-below",
    "border-left: 0.05em solid currentcolor": "ma-bar-before",
}
MATH_CLASSES = {
    *_STYLES.values(),
    *("menclose-updiagonalstrike", "menclose-downdiagonalstrike"),
}
_LENGTHS = {"width", "height", "depth", "lspace", "rspace", "voffset", "minsize", "maxsize"}
MATH_ATTRIBUTES: dict[str, set[str]] = {
    "math": {"display", "displaystyle"},
    "mrow": {"displaystyle", "scriptlevel"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mi": {"mathvariant"},
    "mn": set(),
    "mo": {*_LENGTHS, "stretchy", "symmetric", "form", "separator", "fence", "largeop"}
    | {"movablelimits", "mathvariant", "accent"},
    "mtext": set(),
    "mspace": _LENGTHS,
    "mfrac": {"displaystyle", "scriptlevel", "linethickness"},
    "mtable": {"displaystyle", "scriptlevel"},
    "mpadded": _LENGTHS,
    "mover": {"accent"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
    "menclose": {"notation"},
    **{tag: set() for tag in ("msup", "msub", "msubsup", "msqrt", "mroot", "mtr", "mtd")},
    **{tag: set() for tag in ("mmultiscripts", "mprescripts", "merror")},
}
_CONVERTER = LatexToMathML(fancy_error=False, max_expansions=_MOST_EXPANSIONS)

# Delimiters, and what hides or ends them: code in backticks or fences, an empty line. Two backslashes are no delimiter.
_TOKEN = re.compile(
    r"^[ \t>]*+(?:(?:[-+*]|\d{1,9}[.)])[ \t]++)?(?P<fence>`{3,}+|~{3,}+)(?P<info>[^`\n]*+)$"
    r"|(?P<ticks>`++)|(?P<blank>\n[ \t]*+(?=\n))|\\\\|\\[()\[\]$`]|\$\$?",
    re.MULTILINE,
)
_TOKENS_A_LOOK = 64
_CLOSES = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
_DISPLAYED = ("$$", r"\[")
# Plain words between single dollars are no formula, because texts with two prices look like that.
_MATH_SIGN = re.compile(r"[\\^_{}=+\-*/<>|]|^\S+$")

_OPEN, _SHUT = "\x95", "\x96"
_MARK = re.compile(f"{_OPEN}(\\d+){_SHUT}")


@dataclass(slots=True)
class Formula:
    """One formula as it was written, with its delimiters."""

    source: str
    tex: str
    displayed: bool


@dataclass(slots=True)
class Formulas:
    """The formulas of one text. `text` is what markdown reads, with a mark in place of each formula."""

    text: str
    found: list[Formula] = field(default_factory=list)

    def sources(self, text: str) -> str:
        """Return the text with each mark replaced by its formula as it was written."""
        if _OPEN not in text:
            return text
        return _MARK.sub(lambda mark: self.found[int(mark[1])].source, text)

    def split(self, text: str) -> list[str | Formula]:
        """Return the text in pieces: plain text, and the formulas in place of their marks."""
        if _OPEN not in text:
            return [text]
        pieces = _MARK.split(text)
        return [self.found[int(one)] if n % 2 else one for n, one in enumerate(pieces)]


def cut(text: str, look: Callable[[int, int], None]) -> Formulas:
    """Return the formulas of `text` and the text without them. `look` is called every few delimiters."""
    if not ("$" in text or r"\(" in text or r"\[" in text):
        return Formulas(text)
    scan = _Scan(text)
    for count, token in enumerate(_TOKEN.finditer(text)):
        if count % _TOKENS_A_LOOK == 0:
            look(len(scan.found), 0)
        scan.take(token)
    return scan.formulas()


class _Scan:
    """Walks a text's delimiters from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.found: list[tuple[int, int, Formula]] = []
        self._open: re.Match[str] | None = None
        self._fence = ""
        self._ticks: re.Match[str] | None = None

    def formulas(self) -> Formulas:
        """Return the formulas found, and the text with a mark in place of each."""
        parts, at = [], 0
        for number, (start, end, _) in enumerate(self.found):
            parts += [self._text[at:start], f"{_OPEN}{number}{_SHUT}"]
            at = end
        return Formulas("".join((*parts, self._text[at:])), [one for _, _, one in self.found])

    def take(self, token: re.Match[str]) -> None:
        if token["fence"] or self._fence:
            self._take_fence(token)
        elif token["blank"] is not None:
            self._open = self._ticks = None
        elif token["ticks"]:
            self._take_ticks(token)
        elif not self._ticks:
            self._take_delimiter(token)

    def _take_fence(self, token: re.Match[str]) -> None:
        fence = token["fence"] or ""
        self._open = self._ticks = None
        if not self._fence:
            self._fence = fence
        elif fence.startswith(self._fence) and not token["info"].strip():
            self._fence = ""

    def _take_ticks(self, token: re.Match[str]) -> None:
        """Skip code between backticks, which has no formulas, and end an open formula, which has no backticks."""
        self._open = None
        if self._ticks is None:
            self._ticks = token
        elif self._ticks["ticks"] == token["ticks"]:
            self._ticks = None

    def _take_delimiter(self, token: re.Match[str]) -> None:
        if self._open and token[0] == _CLOSES[self._open[0]] and self._closes(token):
            start, end = self._open.start(), token.end()
            tex = self._text[self._open.end() : token.start()]
            formula = Formula(self._text[start:end], tex, self._open[0] in _DISPLAYED)
            self.found.append((start, end, formula))
            self._open = None
        elif token[0] in _CLOSES and (self._open is None or self._open[0] == "$"):
            self._open = token if self._opens(token) else None

    def _opens(self, token: re.Match[str]) -> bool:
        if token[0] != "$":
            return True
        before, after = self._text[: token.start()][-1:], self._text[token.end() :][:1]
        return not before.isalnum() and bool(after.strip())

    def _closes(self, token: re.Match[str]) -> bool:
        assert self._open is not None
        tex = self._text[self._open.end() : token.start()]
        if not tex.strip():
            return False
        if token[0] != "$":
            return True
        after = self._text[token.end() : token.end() + 1]
        tight = "\n" not in tex and not tex[-1].isspace() and not after.isalnum()
        return tight and bool(_MATH_SIGN.search(tex))


def html(formula: Formula) -> str:
    """Return a formula as MathML, or its source if the library does not draw all of it."""
    shown = escape(formula.source, quote=True)
    block = ' class="md-formula md-formula-block" tabindex="0"'
    kind = block if formula.displayed else ' class="md-formula"'
    drawn = _drawn(formula)
    if drawn is None:
        return f'<span class="md-tex">{shown}</span>'
    return f'<span{kind} title="{shown}">{drawn}</span>'


def _drawn(formula: Formula) -> str | None:
    tex = formula.tex
    if not _is_small(tex) or _REFUSED.search(tex):
        return None
    try:
        mathml = _CONVERTER.convert_with_local_state(
            _NUMBERED.sub(r"\\\1{\2*}", tex), displaystyle=formula.displayed
        )
    except LatexError:
        return None
    return _STYLE.sub(_classes, mathml)


def _is_small(tex: str) -> bool:
    if len(tex) > _MOST_CHARS or tex.count("\\") > _MOST_COMMANDS:
        return False
    depth = deepest = 0
    for sign in re.findall(r"[{}\[\]]", tex):
        depth = depth + 1 if sign in "{[" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest <= _MOST_DEPTH


def _classes(style: re.Match[str]) -> str:
    """Return the classes that replace a style attribute, which the Content-Security-Policy forbids."""
    named = [_STYLES.get(one.strip()) for one in style[1].split(";")]
    kept = " ".join(name for name in named if name)
    return f' class="{kept}"' if kept else ""
