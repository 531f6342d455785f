"""What changed between two texts, by lines and words."""

from hypothesis import given, settings
from hypothesis import strategies as st

from projects.plan.changes import Line, changes

BEFORE = "# Be fair\n\nRead both answers.\n\nOne.\n\nTwo.\n\nThree.\n\nFour.\n\nGone for good."
NOW = "# Be fair\n\nRead both answers wholly.\n\nOne.\n\nTwo.\n\nThree.\n\nFour.\n\nSomething else entirely: 5."


def in_short(lines: list[Line]) -> list[str]:
    """The comparison in short: `=`, `-`, `+`, `~` and the parts, changed ones in brackets."""
    signs = {"same": "=", "removed": "-", "added": "+", "changed": "~"}
    shown = {"same": "{}", "removed": "[-{}]", "added": "[+{}]"}
    return [
        f"… {line.lines}"
        if line.kind == "gap"
        else signs[line.kind] + "".join(shown[part.mark].format(part.text) for part in line.parts)
        for line in lines
    ]


def test_words_are_marked_and_far_lines_are_left_out() -> None:
    assert in_short(changes(BEFORE, NOW)) == [
        "=# Be fair",
        "~Read both answers[+ wholly].",
        "=One.",
        "… 2",
        "=Four.",
        "-[-Gone for good.]",
        "+[+Something else entirely: 5.]",
    ]


def test_the_same_text_has_no_changes() -> None:
    assert changes(BEFORE, BEFORE) == []
    assert changes("a\n\nb", "a\r\n\r\n\r\nb  \n") == []


def test_a_very_long_text_is_compared_as_a_whole() -> None:
    before, now = "a\n" * 4000, "a\n" * 3999 + "b\n"
    assert {line.kind for line in changes(before, now)} == {"removed", "added"}


_TEXT = st.lists(st.text("ab .\n", max_size=12), max_size=8).map("\n".join)


@settings(deadline=None)
@given(_TEXT, _TEXT)
def test_nothing_is_lost_or_made_up(before: str, now: str) -> None:
    """What is not in a gap is all of both texts, in order."""
    found = changes(before, now)
    for text, other in ((before, "added"), (now, "removed")):
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        if not found:
            continue
        told_lines = []
        for line in found:
            if line.kind == "gap":
                told_lines += [None] * line.lines
            elif line.kind != other:
                parts = [part.text for part in line.parts if part.mark != other]
                told_lines.append("".join(parts))
        assert len(told_lines) == len(lines)
        assert all(a is None or a == b for a, b in zip(told_lines, lines, strict=True))
