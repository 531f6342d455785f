"""Which responses nobody can tell apart."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.kinds import responses
from projects.kinds.responses import look_alike


def alike(first: str, second: str) -> bool:
    assert look_alike({"text": first}, {"text": second}) == look_alike(
        {"text": second}, {"text": first}
    )
    return look_alike({"text": first}, {"text": second})


@pytest.mark.parametrize(
    "other",
    [
        *("Café and tea.\nTwo ", " \tCafé and tea.\nTwo\n\n", "Café and tea.\r\nTwo"),
        *("Cafe\u0301 and tea.\nTwo", "Café\xa0and tea.\nTwo", "Ca\u200bfé and tea.\nTwo\ufeff"),
        *(
            "Café and\u200d tea.\nT\u200cwo",
            "\u2067Café and tea.\nTwo\u2069",
            "Ca\xadfé and tea.\rTwo",
        ),
    ],
)
def test_what_a_reader_cannot_tell_apart_is_alike(other: str) -> None:
    assert alike("Café and tea.\nTwo", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "A"),
        ("a b", "ab"),
        ("a", "a."),
        ("a\n\nb", "a\nb"),
        ("  a\n    b", "a\nb"),
        ("می\u200cخواهم", "میخواهم"),
        ("👩\u200d💻", "👩💻"),
        ("x²", "x2"),
        ("ﬁn", "fin"),
    ],
)
def test_what_differs_to_the_eye_is_not(one: str, other: str) -> None:
    assert not alike(one, other)


def test_blanks_at_the_ends_are_blanks_of_any_kind() -> None:
    assert alike("ab  \n", "ab\n\n\n\n ")
    assert alike("\t\n ab", "ab")
    assert alike(" ", "\u200b")


def test_malformed_responses_are_not_compared() -> None:
    for one in (None, {}, {"text": 3}, {"messages": "a"}, {"messages": [{"role": "user"}]}):
        assert not look_alike(one, one)


def test_turns_are_compared_with_their_roles() -> None:
    def said(*turns: tuple[str, str]) -> dict[str, Any]:
        return {"messages": [{"role": role, "content": content} for role, content in turns]}

    assert look_alike(
        said(("user", "a"), ("assistant", "b")), said(("user", "a "), ("assistant", "b"))
    )
    assert not look_alike(said(("user", "a")), said(("assistant", "a")))
    assert not look_alike(said(("user", "a"), ("assistant", "b")), said(("assistant", "b")))


_PIECES = st.lists(
    st.sampled_from(
        ["e", "\u0301", " ", "\n", "\r", "\r\n", "\u200b", "\u200d", "\xa0", "中", "я", "가"]
    )
    | st.characters(codec="utf-8"),
    max_size=120,
).map("".join)


@given(_PIECES, _PIECES, st.sampled_from(["", " ", "\u200b", "\n\n ", "\u0301"]))
def test_telling_by_the_first_words_never_parts_what_is_alike(
    head: str, middle: str, blank: str
) -> None:
    """The shortcut answers as the whole comparison does."""
    forms = [
        head + middle + blank,
        head + blank + middle,
        blank + unicodedata.normalize("NFD", head + middle),
        (head + middle).replace("\n", "\r\n"),
        middle,
    ]
    for one in forms:
        for other in forms:
            whole = responses._seen(one).strip() == responses._seen(other).strip()
            assert alike(one, other) == whole
