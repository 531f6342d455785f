"""Text that people must write: blanks and characters without a glyph are no reason."""

import pytest

from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused


@pytest.mark.parametrize(
    "text", ["", "   ", "\u200b" * 30, "\u2060 \ufeff\n", "\u00ad\u3164", "a\x00b", "x" * 51]
)
def test_what_says_nothing_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Refused, match="can be seen") as refused:
        written("note", text, most=50)
    assert [error["field"] for error in refused.value.errors] == ["note"]


@pytest.mark.parametrize("text", ["No.", "  No.\n", "нет", "不", "👩‍🔬", "می‌خواهم"])
def test_what_was_written_is_kept_without_blanks_at_its_ends(text: str) -> None:
    assert written("note", text, most=50) == text.strip()


def test_only_what_can_be_seen_counts_as_length() -> None:
    with pytest.raises(Refused, match="5 to 50 characters"):
        written("note", "No. \u200b\u200b\u200b", most=50, least=5)
    assert written("note", "No, thanks", most=50, least=5) == "No, thanks"
