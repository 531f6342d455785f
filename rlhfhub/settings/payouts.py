"""Reads the setting of payouts: their weekday, and the least amounts."""

from django.core.exceptions import ImproperlyConfigured

from rlhfhub.settings.pay_floor import amounts

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: What an empty setting stands for.
DEFAULT = "thursday USD:1000,EUR:1000,GBP:1000"


def payouts(text: str) -> tuple[int, dict[str, int]]:
    """Return the weekday (0 is Monday) and minor units by currency of a text such as "thursday USD:1000,EUR:1000".

    A currency that is not named has no least amount.

    Raises: ImproperlyConfigured for any other text.
    """
    day, _, least = (text.strip() or DEFAULT).partition(" ")
    if day.lower() not in WEEKDAYS:
        raise ImproperlyConfigured(
            f"RLHFHUB_PAYOUTS begins with {day!r}: it begins with a weekday, as in thursday USD:1000,EUR:1000"
        )
    return WEEKDAYS.index(day.lower()), amounts("RLHFHUB_PAYOUTS", least)
