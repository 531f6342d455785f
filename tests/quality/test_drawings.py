"""Charts of moments: their ticks and rows differ, however short the time that they span."""

from datetime import UTC, datetime, timedelta

import pytest

from projects.quality import drawings
from projects.quality.models import AnnotatorFigures


@pytest.mark.parametrize(
    ("step", "ticks"),
    [
        (timedelta(seconds=20), ["10:47:00", "10:47:20", "10:47:40"]),
        (timedelta(hours=1), ["10:47", "11:47", "12:47"]),
        (timedelta(days=3), ["27 Nov", "30 Nov", "3 Dec"]),
    ],
)
def test_the_ticks_of_a_persons_chart(step: timedelta, ticks: list[str]) -> None:
    begin = datetime(2026, 11, 27, 10, 47, tzinfo=UTC)
    row = AnnotatorFigures(
        span_ends=[begin + n * step for n in range(3)],
        span_compared=[20] * 3,
        span_agreed=[15.0] * 3,
    )
    chart = drawings.agreement_of(row)
    assert chart.x_labels == ticks
    assert len({one.label for one in chart.rows}) == 3
