"""The charts of a project's live page and of its quality pages."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from projects.plan.models import GuidelineVersion
from projects.quality.answers import Pace
from projects.quality.models import AgreementSnapshot, AnnotatorFigures
from projects.stats.intervals import wilson_interval
from rlhfhub.web.chart_scales import LinePoint
from rlhfhub.web.charts import Bar, BarChart, LineChart, bar_chart, line_chart

_SECONDS = "%H:%M:%S"
_STEPS = {
    timedelta(minutes=1): ("Answers a minute", "%H:%M"),
    timedelta(hours=1): ("Answers an hour", "%H:%M"),
    timedelta(days=1): ("Answers a day", "%-d %b"),
}


def agreement(
    snapshots: Sequence[AgreementSnapshot], versions: Sequence[GuidelineVersion] = ()
) -> LineChart:
    """Draw α over time with its 95 % interval, and when guideline versions were published."""
    form = _form([snapshot.at for snapshot in snapshots])
    points = [
        LinePoint(
            at=s.at.timestamp(), label=s.at.strftime(form), value=s.alpha, low=s.low, high=s.high
        )
        for s in snapshots
    ]
    return line_chart(
        points,
        name="alpha",
        title="Krippendorff’s α over time (UTC)",
        y_range=(0.0, 1.0),
        limits=(-1.0, 1.0),
        when=lambda at: datetime.fromtimestamp(at, UTC).strftime(form),
        marks=[
            (
                v.published_at.timestamp(),
                f"guidelines version {v.number} on {v.published_at:%-d %b}",
            )
            for v in versions
            if v.published_at
        ],
    )


def _form(moments: Sequence[datetime]) -> str:
    """Return how moments of a chart are written, so that its first and last differ."""
    span = moments[-1] - moments[0] if moments else timedelta(0)
    if span > timedelta(days=2):
        return "%-d %b"
    return "%H:%M" if span > timedelta(minutes=10) else _SECONDS


def agreement_of(row: AnnotatorFigures) -> LineChart:
    """Draw how often an annotator agreed with the rest over time, with Wilson's 95 % interval."""
    form = _form(row.span_ends)
    spans = zip(row.span_ends, row.span_agreed, row.span_compared, strict=True)
    points = []
    for end, agreed, compared in spans:
        low, high = wilson_interval(min(agreed, compared), compared) or (None, None)
        label = end.strftime("%-d %b, %H:%M:%S" if form == _SECONDS else "%-d %b, %H:%M")
        points.append(LinePoint(end.timestamp(), label, agreed / compared, low, high))
    return line_chart(
        points,
        name="with-the-rest",
        title="Agreement with the rest over time (UTC)",
        y_range=(0.0, 1.0),
        limits=(0.0, 1.0),
        form=lambda share: f"{share * 100:.0f} %",
        when=lambda at: datetime.fromtimestamp(at, UTC).strftime(form),
    )


def pace(of: Pace) -> BarChart:
    """Draw the number of answers in each time step."""
    title, form = _STEPS[of.step]
    return bar_chart(
        [Bar(begin.strftime(form), count) for begin, count in of.counts],
        name="pace",
        title=f"{title} (UTC)",
    )
