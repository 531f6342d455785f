"""The plain text of rendered user text: a line for each paragraph, list item and row, with the marks of lists."""

import re
from html import unescape

_TOKEN = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>|([^<]+)")
_NUMBER = 'class="md-number"'
_INDENT = "  "
# Tags within a line. Every other one begins a new line.
_WITHIN = {"a", "b", "bdi", "code", "del", "em", "i", "s", "span", "strong", "sub", "sup"}
_CELLS = {"td", "th"}


def plain_text(html: str) -> str:
    """Return the text of HTML that the renderer made. Items of lists begin with their number, or with a dash."""
    writer = _Writer()
    for closes, tag, attributes, text in _TOKEN.findall(html):
        if text:
            writer.write(unescape(text))
        elif closes:
            writer.close(tag)
        else:
            writer.open(tag, attributes)
    writer.end_line()
    return "\n".join(writer.lines)


class _Writer:
    """Collects lines. `mark` stands before the next one; `depth` is how many list items are open."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = self.mark = ""
        self.depth = 0
        self.is_number = self.is_code = False

    def open(self, tag: str, attributes: str) -> None:
        """Begin an element."""
        if tag not in _WITHIN | _CELLS:
            self.end_line()
        if tag == "li":
            self.depth += 1
            self.mark = "- "
        self.is_number = tag == "span" and _NUMBER in attributes
        self.is_code = self.is_code or tag == "pre"

    def close(self, tag: str) -> None:
        """End an element."""
        self.is_number = False
        if tag in _CELLS:
            self.line += " "
        elif tag not in _WITHIN:
            self.end_line()
        if tag == "li":
            self.depth -= 1
            self.mark = _INDENT if self.depth else ""
        self.is_code = self.is_code and tag != "pre"

    def write(self, text: str) -> None:
        """Add text to the line; in code each line of it stays one."""
        if self.is_number:
            self.mark = f"{text.strip()} "
            return
        first, *others = text.split("\n") if self.is_code else [text]
        self.line += first
        for other in others:
            self.end_line()
            self.line = other

    def end_line(self) -> None:
        """Keep the line, unless it is empty."""
        words = self.line.rstrip() if self.is_code else " ".join(self.line.split())
        if words.strip():
            self.lines.append(f"{_INDENT * (self.depth - 1)}{self.mark}{words}")
            self.mark = _INDENT if self.depth else ""
        self.line = ""
