"""Markdown written to cost its reader: patterns known to be quadratic in one parser or another, at full length."""

MOST = 99_000
_HALF = MOST // 2


def filled(pattern: str, size: int = MOST) -> str:
    """The pattern, repeated up to `size` characters."""
    return (pattern * (size // len(pattern) + 1))[:size]


_REPEATED = [
    *("![", "[", "[](", "[a](", "[a](<b", "](", "[]", "[a][", "[**a", "[`a", '[x](y "', "[a](%"),
    *("*a ", "*a_ ", "**a *a ", "_a", "*_", "a*", "~~a ", "~a", "a**bc* ", "**x** "),
    *("`", "`a``b", "```\n", "~~~\n", "> ```\n", "    a\n", "\\", "\\*", "\\(", "!", "$a$ "),
    *(">", "> ", "- ", "1. ", "* a\n", "> - ", "* + - ", "- 1. ", "- - ", "* * *\n", "***\n"),
    *("|a", "|-", "a|b\n-|-\n", "a|b\n-|-\na|b\n\n", "|a|\n", "[a]: ", '[a]: u "', "[a]: u (\n"),
    *("&", "&amp;", "&a", "&#1", "<", "<a ", "<!A ", "<?", "<!-- ", "<![CDATA[", "</a", '<a b="'),
    *("<a>", "<div>\n", "<http://a", "<http://a.b>", "<a@b.c>", "a <!--", "a<b>c", "[a]\n"),
    *("a", " ", "a ", "\n", "a\n", "a\n\n", "\t", "# a\n", "#", "a\n=", "=", "a\n-\n", "a  \n"),
    *("[a](http://b) ", "![a](http://b) ", "漢字。", "👩\u200d💻", "\u202e", "\0", "a\u202e"),
    *("\\(a\\) ", "$a+b$ ", "$$\n", "$$a$$", "\\[", "\\(", "$a", "$\\frac{a}{b}$ ", "$`", "`$a$` "),
    *("$\\def\\a{\\a\\a}\\a$ ", "$\\sqrt{\\sqrt{x}}$ ", "$" + "'" * 900 + "$ ", "\\[a\n\n"),
    *("```python\na=1\n```\n", "```js\n`${\n"),
    *("1) a\n", "]: ", "a\n  b\n", "> a\n>   b\n", "999999999. a\n"),
    *("The quick brown fox jumps over the lazy dog and so on. ", "- one *two*\n\n1. three\n"),
]

_BUILT = {
    "backticks of every length": "".join("e" + "`" * n for n in range(1, 440)),
    "brackets opened and closed": "[" * _HALF + "]" * _HALF,
    "links in links": "[" * _HALF + "a" + "](b)" * (_HALF // 4),
    "images in images": "![" * (_HALF // 2) + "a" + "](b)" * (_HALF // 4),
    "a link to parentheses": "[x](" + "(" * MOST,
    "emphasis in emphasis": "*a " * (_HALF // 3) + "a* " * (_HALF // 3),
    "one emphasis": "*" * _HALF + "x" + "*" * _HALF,
    "deep quotation, long lines after it": filled("> ", _HALF) + "a\n" + filled("b\n", _HALF),
    "deep quotation, empty lines": ">" * _HALF + "\n" * _HALF,
    "deep list, lines after it": filled("- ", _HALF) + "x\n" + filled("y\n", _HALF),
    "deep list, empty lines": filled("- ", _HALF) + "x" + "\n" * _HALF,
    "list by indentation": "".join(" " * (2 * n) + "- a\n" for n in range(312)),
    "list by indentation, lines after it": "".join(" " * (2 * n) + "- a\n" for n in range(220))
    + filled("y\n", _HALF),
    "lists as deep as a line may open": "".join(
        " " * (22 * n) + "- " * 11 + "a\n" for n in range(60)
    )
    + filled("y\n", _HALF),
    "quotation a level a line": "".join(">" * n + "a\n" for n in range(440)),
    "cells of nothing": "|a" * 500 + "|\n" + "|-" * 500 + "|\n" + filled("|b\n", MOST - 2_100),
    "a wide table": "|a" * 12_000 + "|\n" + "|-" * 12_000 + "|\n" + filled("|\n", _HALF),
    "a long formula": "$$" + "a+" * (_HALF // 2) + "$$",
    "a deep formula": "$$" + "{" * _HALF + "}" * _HALF + "$$",
    "formulas as long as are drawn": ("$$" + "a'" * 1_990 + "$$ ") * 24,
    "one block of code": "```python\n" + filled("x = 'a' + b  # c\n", MOST - 20) + "```",
    "blocks of code as long as are highlighted": (
        "```python\n" + filled("x='a'+b#c\n", 3_980) + "```\n\n"
    )
    * 24,
    "definitions": "".join(f"[{n}]: u\n" for n in range(9_000)),
    "definitions in use": "".join(f"[{n}]: u\n" for n in range(5_000))
    + "".join(f"[{n}] " for n in range(5_000)),
    "a long definition in use": "[a]: " + "u" * _HALF + "\n\n" + filled("[a] ", _HALF),
}

HOSTILE: dict[str, str] = {pattern: filled(pattern) for pattern in _REPEATED} | _BUILT
