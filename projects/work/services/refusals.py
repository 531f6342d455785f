"""Turning the database's refusal of a lease into words for the annotator."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.raw import constraint_of


@contextmanager
def from_database() -> Iterator[None]:
    """Raise Refused (409) if the database refuses a lease within the block because the annotator may not work.

    The annotator may have been paused or removed while the request waited for a lock.
    """
    try:
        yield
    except DatabaseError as error:
        if constraint_of(error) != "lease_allowed":
            raise
        raise Refused(
            "not_active",
            "You may no longer work in this project. Answers that you submitted are kept, and so is your pay "
            "for them.",
            status=409,
        ) from error
