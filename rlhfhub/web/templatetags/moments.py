"""The filter for days and moments: all pages show them in one way."""

from datetime import UTC, date, datetime

from django import template
from django.utils.html import format_html

from rlhfhub.ground.moments import day_words, moment_words

register = template.Library()


@register.filter
def moment(at: date | datetime | None, part: str = "") -> str:
    """Show a moment in UTC, which the page's script turns into the reader's own time; a dash if there is none.

    `part` is "day" for the day alone, or "clock" for the time alone where the page names the day: both stay in UTC. A
    date is always shown as a day.
    """
    if not at:
        return "–"
    if part == "day" or not isinstance(at, datetime):
        day = at.astimezone(UTC).date() if isinstance(at, datetime) else at
        return format_html('<time datetime="{}">{}</time>', day.isoformat(), day_words(day))
    utc = at.astimezone(UTC)
    if part == "clock":
        words = f"{utc:%H:%M} UTC"
        return format_html('<time datetime="{}">{}</time>', utc.isoformat(), words)
    words = moment_words(at)
    return format_html('<time datetime="{}" data-local>{}</time>', utc.isoformat(), words)
