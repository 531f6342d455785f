"""A period of whole days in UTC, as spend is asked for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rlhfhub.ground.refusals import invalid
from rlhfhub.tenancy import clock

DAYS = 30
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """When the period begins."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def till(self) -> datetime:
        """When the period is over."""
        return datetime.combine(self.last, time(), UTC) + timedelta(days=1)


def period(first: date | None, last: date | None) -> Period:
    """Return the period from `first` to `last`: by default the last 30 days, or those up to `last`.

    Raises: Refused, naming the field `since` or `until`, for one that ends before it begins, is longer than 366 days,
        or lies outside the years 2000 to 2999.
    """
    for name, day in (("since", first), ("until", last)):
        if day and not 2000 <= day.year <= 2999:
            raise invalid(name, "Give a day of the years 2000 to 2999.")
    end = last or max(clock.now().astimezone(UTC).date(), first or date.min)
    begin = first or end - timedelta(days=DAYS - 1)
    if end < begin:
        raise invalid("until", "The period must not end before it begins.")
    if (end - begin).days >= MOST_DAYS:
        raise invalid("since", f"A period has at most {MOST_DAYS} days.")
    return Period(begin, end)
