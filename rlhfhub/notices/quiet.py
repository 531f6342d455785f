"""Quiet hours: when a person wants no mails, apart from those about decisions. Door or annotator plane."""

import uuid
from dataclasses import dataclass
from zoneinfo import available_timezones

from django.db import DataError, connection, transaction

from rlhfhub.ground.refusals import invalid

#: The zones that a person can choose.
ZONES = sorted(name for name in available_timezones() if "/" in name or name == "UTC")


@dataclass(frozen=True, slots=True)
class Quiet:
    """No mails from `from_hour` until `to_hour` o'clock in `time_zone`; past midnight if the first is greater."""

    from_hour: int
    to_hour: int
    time_zone: str


def quiet_of(person_id: uuid.UUID) -> Quiet | None:
    """Return the person's quiet hours; None if they have none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_quiet_hours(%s)", [person_id])
        row = cursor.fetchone()
    return Quiet(*row) if row else None


def be_quiet(*, person_id: uuid.UUID, from_hour: int, to_hour: int, time_zone: str) -> None:
    """Save the person's quiet hours.

    Raises: Refused, naming the field, for hours that are none or the same, and for an unknown time zone.
    """
    for name, hour in (("from_hour", from_hour), ("to_hour", to_hour)):
        if not 0 <= hour <= 23:
            raise invalid(name, "This must be a full hour from 0 to 23.")
    if from_hour == to_hour:
        raise invalid("to_hour", "Quiet hours end at another hour than they begin.")
    if time_zone not in ZONES:
        raise invalid("time_zone", "This is no time zone that is known here.")
    values = (person_id, from_hour, to_hour, time_zone)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT door_be_quiet(%s, %s, %s, %s)", values)
    except DataError as error:  # the database's own list of zones may be an older one
        raise invalid("time_zone", "This is no time zone that is known here.") from error


def end_quiet(*, person_id: uuid.UUID) -> None:
    """Forget the person's quiet hours, if they have any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT door_end_quiet(%s)", [person_id])
