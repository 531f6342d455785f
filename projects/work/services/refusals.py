"""Turning the database's refusal of a lease or an answer into words for the annotator."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from projects.enrollment import eligibility
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.raw import constraint_of


def no_programs() -> Refused:
    """Return the refusal of work by program in a project that does not allow it."""
    return Refused(
        "programs_off",
        "This project takes no answers by program. Work on its page in a browser, or ask its owner to allow it.",
        status=403,
    )


def must_attest() -> Refused:
    """Return the refusal of work until the annotator attests that they write their texts themselves."""
    return Refused(
        "accept_guidelines",
        "This project allows no machine-written text any more. Confirm on the page of its guidelines that you write "
        "your texts yourself, and go on.",
        status=409,
    )


@contextmanager
def from_database() -> Iterator[None]:
    """Raise Refused if the database refuses a lease or an answer within the block.

    409 because the annotator may not work: they may have been paused or removed while the request waited for a lock, or
    must attest first.
    403 because the project takes no answers by program.
    """
    try:
        yield
    except DatabaseError as error:
        if constraint_of(error) == "by_program":
            raise no_programs() from error
        if constraint_of(error) == "lease_attested":
            raise must_attest() from error
        if constraint_of(error) == "lease_eligible":
            words = (
                "Your profile, the terms or what the project asks for has just changed. Try again."
            )
            raise Refused(eligibility.NOT_ELIGIBLE, words, status=409) from error
        if constraint_of(error) != "lease_allowed":
            raise
        raise Refused(
            "not_active",
            "You may no longer work in this project. Answers that you submitted are kept, and so is your pay "
            "for them.",
            status=409,
        ) from error
