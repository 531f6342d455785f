"""How long an answer of a project takes, and what an hour of it pays: measured, or estimated until enough is known."""

import math
from dataclasses import dataclass

#: From so many answers on, the time is measured. Of fewer, one slow answer would move the figures much.
LEAST_ANSWERS = 10
#: No answer is estimated to take less, even to items without text or before there are items.
LEAST_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class HourlyPay:
    """What is known of a project's pay by time.

    `price_minor` and `estimated_seconds` are what its customer states. `reading_seconds` is how long a fast reader
    needs for the text of an item; 0 without items. Of its newest `answers`, `median_seconds` is the median time,
    `total_seconds` all their time and `pay_minor` all their pay.
    """

    price_minor: int
    estimated_seconds: int
    reading_seconds: float = 0.0
    answers: int = 0
    median_seconds: float | None = None
    total_seconds: float = 0.0
    pay_minor: int = 0

    @property
    def is_measured(self) -> bool:
        """Whether there are enough answers to measure. Otherwise the figures are the customer's estimate."""
        return self.answers >= LEAST_ANSWERS

    @property
    def seconds(self) -> float:
        """The median time of the answers; until it is measured the estimate, but never less than reading takes."""
        if self.is_measured and self.median_seconds is not None:
            return self.median_seconds
        return max(float(self.estimated_seconds), self.reading_seconds, LEAST_SECONDS)

    @property
    def is_raised(self) -> bool:
        """Whether the customer's estimate is too short, so that the time shown is longer."""
        return not self.is_measured and self.seconds > self.estimated_seconds

    @property
    def mean_seconds(self) -> float:
        """The time that an answer's price pays for: the mean of the measured ones, else the estimate."""
        return self.total_seconds / self.answers if self.is_measured else self.seconds

    @property
    def hourly_minor(self) -> int:
        """The pay per hour: all pay by all time, rounded down so that it does not promise too much."""
        if self.is_measured:
            return math.floor(self.pay_minor * 3600 / self.total_seconds)
        return self.hourly_at(self.price_minor)

    def hourly_at(self, price_minor: int) -> int:
        """Return what an hour pays at this price per answer, rounded down."""
        return math.floor(price_minor * 3600 / self.mean_seconds)

    def price_for(self, hourly_minor: int) -> int:
        """Return the least price per answer at which an hour pays so much."""
        return math.ceil(hourly_minor * self.mean_seconds / 3600)
