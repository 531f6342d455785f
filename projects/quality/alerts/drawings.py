"""The charts of an alert: what entered the monitor, in portions, and how near it came to an alarm."""

from collections.abc import Sequence

from projects.quality.alerts.evidence import Evidence, Point
from projects.stats.intervals import wilson_interval
from rlhfhub.web.chart_scales import LinePoint
from rlhfhub.web.charts import LineChart, line_chart

#: Kinds whose scores are shares, and so have a mean; and how many scores of the chart make a point.
SHARES = {"gold", "agreement", "guessing", "side", "moved"}
_PORTIONS = 20


def counted(kind: str) -> str:
    """Return what the numbers of a chart count: items for the project's own alert, else answers."""
    return "item" if kind == "moved" else "answer"


def nearness(evidence: Evidence, *, of: str) -> LineChart:
    """Draw how near each judgment brought the monitor to its alarm at 1, with the estimated change."""
    points = [
        LinePoint(point.number, f"{of} {point.number}", point.level) for point in evidence.points
    ]
    return line_chart(
        points,
        name="nearness",
        title=f"How near to an alert, by {of}",
        y_range=(0.0, 1.0),
        limits=(0.0, 2.0),
        target=1.0,
        when=_answer,
        marks=_mark(evidence, of),
    )


def times(evidence: Evidence) -> LineChart:
    """Draw the time of each answer as a share of the least that a careful one takes; a longer one than twice that
    ends at the top.
    """
    points = [LinePoint(one.number, f"answer {one.number}", one.value) for one in evidence.points]
    return line_chart(
        points,
        name="times",
        title="Time of each answer, as a share of the least that a careful one takes",
        y_range=(0.0, 2.0),
        limits=(0.0, 2.0),
        target=1.0,
        form=_percent,
        when=_answer,
        marks=[(evidence.since + 1, f"too fast from answer {evidence.since + 1} on")],
    )


def shares(evidence: Evidence, *, of: str) -> LineChart:
    """Draw the mean of what entered, in portions of even length, with Wilson's 95 % interval."""
    known = [point for point in evidence.points if point.value is not None]
    size = max(5, -(-len(known) // _PORTIONS))
    portions = [known[at : at + size] for at in range(0, len(known), size)]
    return line_chart(
        [_portion(portion, of) for portion in portions],
        name="shares",
        title=f"The same {of}s in portions",
        y_range=(0.0, 1.0),
        limits=(0.0, 1.0),
        form=_percent,
        when=_answer,
        marks=_mark(evidence, of),
    )


def _portion(portion: Sequence[Point], of: str) -> LinePoint:
    total = sum(point.value or 0.0 for point in portion)
    low, high = wilson_interval(min(total, len(portion)), len(portion)) or (None, None)
    last = portion[-1].number
    label = f"{of}s {portion[0].number} to {last}"
    return LinePoint(last, label, total / len(portion), low, high)


def _mark(evidence: Evidence, of: str) -> list[tuple[float, str]]:
    return [(evidence.since, f"estimated change after {of} {evidence.since}")]


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _answer(at: float) -> str:
    return f"{at:.0f}"
