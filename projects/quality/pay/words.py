"""What is said to members about the time of an answer."""

from projects.plan.hourly import HourlyPay
from rlhfhub.web.templatetags.amounts import duration


def time_in_words(pay: HourlyPay) -> str:
    """Return by which time the pay per hour is counted, to be put after it."""
    time = duration(pay.mean_seconds)
    if pay.is_measured:
        return f"because the newest {pay.answers:,} answers took {time} on average"
    if pay.is_raised and pay.reading_seconds >= pay.seconds:
        return f"because nobody can read an item and answer in less than {time}"
    if pay.is_raised:
        return f"counted with {time} for an answer, the least that is assumed"
    return f"by your estimate of {time} for an answer"
