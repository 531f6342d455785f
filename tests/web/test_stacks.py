"""Bars of parts: widths, shares and words."""

from rlhfhub.web.chart_scales import WIDTH
from rlhfhub.web.stacks import LEAST_WIDTH, Part, Stack, stack


def _stack(*values: int) -> Stack:
    parts = [Part(f"part {n}", value) for n, value in enumerate(values)]
    return stack(parts, name="a", title="A", form=str)


def test_the_parts_fill_the_bar_side_by_side() -> None:
    made = _stack(3, 1)
    assert [(one.x, one.width) for one in made.parts] == [
        (0.0, WIDTH * 0.75),
        (WIDTH * 0.75, WIDTH * 0.25),
    ]
    assert [(one.words, one.percent) for one in made.parts] == [("3", "75 %"), ("1", "25 %")]
    assert (made.total, made.empty) == ("4", False)


def test_a_part_of_nothing_is_left_out_and_the_others_keep_their_colors() -> None:
    assert [one.color for one in _stack(2, 0, 2).parts] == [1, 3]


def test_a_small_part_can_be_seen_and_is_never_called_nothing() -> None:
    large, small = _stack(1_000_000, 1).parts
    assert small.percent == "under 1 %" and small.width > LEAST_WIDTH * 0.98
    assert large.width + small.width == WIDTH


def test_nothing_has_no_bar() -> None:
    assert _stack(0, 0).empty and _stack().empty
