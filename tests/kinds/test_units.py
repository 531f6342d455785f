"""The text form of units: writing, reading, and that different units have different texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.kinds.protocol import Facet
from projects.kinds.units import parsed, unit

NUMBERS = st.integers(0, 999)
FACETS = (
    st.just(Facet("item"))
    | NUMBERS.map(lambda at: Facet("response", (at,)))
    | st.tuples(NUMBERS, NUMBERS).map(lambda at: Facet("pair", at))
    | NUMBERS.map(lambda at: Facet("step", (at,)))
    | st.text(min_size=1).map(lambda at: Facet("choice", (at,)))
    | st.text(min_size=1).map(lambda at: Facet("criterion", (at,)))
)


@pytest.mark.parametrize(
    ("facet", "text"),
    [
        (Facet("item"), "q"),
        (Facet("response", (1,)), "q@1"),
        (Facet("pair", (0, 1)), "q@0-1"),
        (Facet("choice", ("math",)), "q=math"),
        (Facet("step", (4,)), "q#4"),
        (Facet("criterion", ("accuracy",)), "q/accuracy"),
    ],
)
def test_each_shape_has_its_form(facet: Facet, text: str) -> None:
    assert unit("q", facet) == text
    assert parsed(text) == ("q", facet)


@given(st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True), FACETS)
def test_a_unit_is_read_as_it_was_written(name: str, facet: Facet) -> None:
    assert parsed(unit(name, facet)) == (name, facet)


@pytest.mark.parametrize("text", ["", "Q", "q@", "q@a", "q@0-", "q#", "q=", "q/", "q q", "q@0-1-2"])
def test_other_texts_are_no_units(text: str) -> None:
    with pytest.raises(ValueError, match="not a unit"):
        parsed(text)
