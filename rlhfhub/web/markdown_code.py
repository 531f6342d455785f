"""Highlights code in texts, within a time limit, with the lexers that were tested against hostile code."""

import re
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType

# The most processor time for the code of one text; after it code is plain.
CODE_SECONDS = 0.012
# Longer code is plain: one step of a lexer cannot be interrupted, and some steps scan all of the code.
MOST_CHARS = 4_000
_TOKENS_A_LOOK = 16

_ALIASES = {
    "py": "python",
    "python3": "python",
    "js": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "tsx": "typescript",
    "c++": "cpp",
    "cs": "csharp",
    "c#": "csharp",
    "golang": "go",
    "rs": "rust",
    "rb": "ruby",
    "yml": "yaml",
    "kt": "kotlin",
}
_LANGUAGES = frozenset(
    (
        *("c", "cpp", "csharp", "css", "diff", "go", "java", "javascript", "json", "kotlin"),
        *("lua", "python", "rust", "sql", "swift", "toml", "typescript", "yaml"),
    )
)
_CLASSES = {
    Token.Comment: "code-comment",
    Token.Keyword: "code-keyword",
    Token.Operator.Word: "code-keyword",
    Token.Name.Tag: "code-keyword",
    Token.Literal.String: "code-string",
    Token.Literal.Number: "code-number",
    Token.Keyword.Constant: "code-number",
    Token.Name.Builtin: "code-name",
    Token.Name.Function: "code-name",
    Token.Name.Class: "code-name",
    Token.Name.Decorator: "code-name",
    Token.Name.Attribute: "code-name",
    Token.Generic.Inserted: "code-string",
    Token.Generic.Deleted: "code-deleted",
    Token.Generic.Heading: "code-keyword",
    Token.Generic.Subheading: "code-keyword",
}
CODE_CLASSES = set(_CLASSES.values())
_FENCE = re.compile(
    r"^[ \t>]*+(?:(?:[-+*]|\d{1,9}[.)])[ \t]++)?(?:```|~~~)[`~ \t]*+([^\s`]{1,12})", re.MULTILINE
)


def prepare(text: str) -> None:
    """Load the lexers of the languages that the text names, because a lexer's first use takes up to 40 ms."""
    if "```" in text or "~~~" in text:
        for name in set(_FENCE.findall(text)):
            if language := _known(name):
                _lexer(language)


def pieces(code: str, named: str, seconds: float) -> Iterator[tuple[str, str]]:
    """Yield the code in pieces, each with its CSS class, which is empty for code that is not highlighted.

    `named` is the language as the text names it; `seconds` is the most processor time that the code may take.
    """
    language = _known(named)
    if language is None or len(code) > MOST_CHARS:
        yield "", code
        return
    ends, at = time.thread_time() + seconds, 0
    for count, (start, kind, value) in enumerate(_lexer(language).get_tokens_unprocessed(code)):
        if start != at or (count % _TOKENS_A_LOOK == 0 and time.thread_time() > ends):
            break
        at += len(value)
        yield _class(kind), value
    if at < len(code):
        yield "", code[at:]


def _known(name: str) -> str | None:
    lower = name.lower()
    language = _ALIASES.get(lower, lower)
    return language if language in _LANGUAGES else None


@cache
def _lexer(language: str) -> Any:
    lexer = get_lexer_by_name(language)
    for _ in lexer.get_tokens_unprocessed("a"):  # compiles its expressions
        pass
    return lexer


@cache
def _class(kind: _TokenType) -> str:
    """Return the class of the token's kind, or of the nearest parent kind that has one."""
    nearest: _TokenType | None = kind
    while nearest is not None and nearest not in _CLASSES:
        nearest = nearest.parent
    return _CLASSES[nearest] if nearest is not None else ""
