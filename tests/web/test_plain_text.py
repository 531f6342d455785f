"""Rendered user text as plain text: what a rule of the guidelines says where it is cited."""

from rlhfhub.web.headings import sections_of

RULE = """# R7 Cite

Name the source,
with its *date*.

1. A book: title & page.
2. A page:
   - its address
   - the day

   Never only the domain.

- a < b

```
x = 1
  y = 2
```

| a | b |
|---|---|
| 1 | 2 |
"""


def test_lists_and_lines_are_kept() -> None:
    [section] = sections_of(RULE)
    assert (section.number, section.title) == ("R7", "Cite")
    assert section.text.split("\n") == [
        "Name the source,",
        "with its date.",
        "1. A book: title & page.",
        "2. A page:",
        "  - its address",
        "  - the day",
        "  Never only the domain.",
        "- a < b",
        "x = 1",
        "  y = 2",
        "a b",
        "1 2",
    ]
    assert section.body.startswith("Name the source, with its date . 1. A book")
