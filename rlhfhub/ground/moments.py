"""Days and moments as people read them: `28 Nov 2026`, and `28 Nov 2026, 14:05 UTC`."""

from datetime import UTC, date, datetime


def day_words(day: date) -> str:
    """Return a day as text. Of a moment, this is its day in UTC."""
    at = day.astimezone(UTC) if isinstance(day, datetime) else day
    return f"{at.day} {at:%b %Y}"


def moment_words(at: datetime) -> str:
    """Return a moment as text, in UTC."""
    return f"{day_words(at)}, {at.astimezone(UTC):%H:%M} UTC"
