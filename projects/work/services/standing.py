"""Whether somebody may still work, as the database says it when a lease is made."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.raw import constraint_of


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Round leasing. Who was paused or sent away, be it while the request waited, is refused and told so."""
    try:
        yield
    except DatabaseError as error:
        if constraint_of(error) != "lease_allowed":
            raise
        raise Refused(
            "not_active",
            "You may no longer work in this project. What you submitted stays, and so does its pay.",
            status=409,
        ) from error
