"""Charts: numbers to coordinates, and to words for who cannot see them."""

import math

import pytest

from rlhfhub.web.chart_scales import HEIGHT, WIDTH, LinePoint
from rlhfhub.web.charts import (
    Bar,
    LineChart,
    bar_chart,
    line_chart,
    sparkline,
    whole,
)


def _line(*values: float | None, **options: object) -> LineChart:
    points = [LinePoint(at=i, label=f"t{i}", value=v) for i, v in enumerate(values)]
    return line_chart(points, name="a", title="A", **options)  # type: ignore[arg-type]


def test_a_line_spans_the_drawing_from_bottom_to_top() -> None:
    chart = _line(0.0, 0.5, 1.0, y_range=(0, 1))
    assert chart.line == f"M0.0 {HEIGHT} L{WIDTH / 2} {HEIGHT / 2} L{WIDTH} 0.0"
    assert [tick.label for tick in chart.y_ticks] == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert not chart.empty


def test_a_gap_breaks_the_line_instead_of_falling_to_zero() -> None:
    chart = _line(0.2, None, 0.4, math.nan, 0.6)
    assert chart.line.count("M") == 3
    assert [row.value for row in chart.rows] == ["0.20", "–", "0.40", "–", "0.60"]


def test_the_band_goes_out_along_the_high_end_and_back_along_the_low() -> None:
    points = [LinePoint(at=i, label=str(i), value=0.5, low=0.25, high=0.75) for i in (0, 1)]
    chart = line_chart(points, name="a", title="A", y_range=(0, 1))
    assert chart.band == "M0.0 75.0 L1000.0 75.0 L1000.0 225.0 L0.0 225.0 Z"
    assert chart.rows[0].interval == "0.25 to 0.75"
    assert chart.description == "2 values; the latest is 0.50 (0.25 to 0.75)."


def test_an_interval_below_zero_is_drawn_whole() -> None:
    """The scale is widened by it, and α has no value below -1."""
    points = [LinePoint(at=i, label=str(i), value=0.5, low=-0.5, high=0.75) for i in (0, 1)]
    chart = line_chart(points, name="a", title="A", y_range=(0, 1), limits=(-1, 1))
    assert chart.y_ticks[0].label == "\u22120.50"
    assert chart.band == "M0.0 50.0 L1000.0 50.0 L1000.0 300.0 L0.0 300.0 Z"


def test_an_interval_beyond_what_can_be_ends_there() -> None:
    points = [LinePoint(at=i, label=str(i), value=0.5, low=-300, high=3) for i in (0, 1)]
    chart = line_chart(points, name="a", title="A", y_range=(0, 1), limits=(-1, 1))
    labels = [tick.label for tick in chart.y_ticks]
    assert (labels[0], labels[-1]) == ("\u22121.00", "1.00")


def test_samples_lie_by_time_and_so_do_the_labels() -> None:
    points = [LinePoint(at=at, label="x", value=0.5) for at in (0, 10, 100)]
    chart = line_chart(points, name="a", title="A", when=whole)
    assert [point.x for point in chart.points] == [0, 100, 1000]
    assert chart.x_labels == ["0", "50", "100"]


def test_a_value_outside_widens_the_fixed_scale() -> None:
    labels = [tick.label for tick in _line(-0.3, 0.9, y_range=(0, 1)).y_ticks]
    assert labels[0] == "\u22120.50"
    assert labels[-1] == "1.00"


def test_points_are_put_in_order() -> None:
    points = [LinePoint(at=2, label="late", value=1), LinePoint(at=1, label="early", value=0)]
    chart = line_chart(points, name="a", title="A")
    assert [row.label for row in chart.rows] == ["early", "late"]


@pytest.mark.parametrize("values", [(), (None,), (math.nan, math.inf)])
def test_nothing_known_is_empty(values: tuple[float | None, ...]) -> None:
    chart = _line(*values)
    assert chart.empty
    assert chart.line == ""
    assert chart.description == "No values yet."


@pytest.mark.parametrize("value", [0.0, 0.7, -1e9, 1e-12, 1e15])
def test_one_value_alone_is_drawn(value: float) -> None:
    chart = _line(value)
    assert chart.points[0].x == 0
    assert 0 <= chart.points[0].y <= HEIGHT


def test_the_target_is_on_the_scale() -> None:
    chart = _line(0.1, 0.2, target=0.8, y_range=(0, 1))
    assert chart.target is not None
    assert chart.target.label == "0.80"
    assert chart.target.y == pytest.approx(60)


def test_bars_stand_on_zero_inside_the_drawing() -> None:
    chart = bar_chart([Bar("a", 0), Bar("b", 5), Bar("c", 10)], name="b", title="B")
    heights = [bar.height for bar in chart.bars]
    assert heights[0] == 0
    assert heights[2] == pytest.approx(2 * heights[1])
    assert all(bar.y + bar.height == pytest.approx(HEIGHT) for bar in chart.bars)
    assert chart.bars[-1].x + chart.bars[-1].width <= WIDTH
    assert chart.bars[1].text == "b: 5"


def test_bars_of_small_counts_have_whole_ticks() -> None:
    chart = bar_chart([Bar("a", 1), Bar("b", 2)], name="b", title="B")
    assert [tick.label for tick in chart.y_ticks] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("bars", [[], [Bar("a", 0)], [Bar("a", math.nan)]])
def test_bars_without_values(bars: list[Bar]) -> None:
    assert bar_chart(bars, name="b", title="B").bars == [] or bars


def test_long_axes_name_first_middle_and_last() -> None:
    chart = bar_chart([Bar(str(i), i) for i in range(9)], name="b", title="B", form=whole)
    assert chart.x_labels == ["0", "4", "8"]


def test_a_sparkline_says_where_it_went() -> None:
    chart = sparkline([0.1, None, 0.6], title="α")
    assert chart.title == "α: from 0.10 to 0.60"
    assert sparkline([], title="α").empty
