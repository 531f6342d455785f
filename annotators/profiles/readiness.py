"""What a person lacks, in words: each says why, and where it can be changed."""

from dataclasses import dataclass
from enum import StrEnum

from annotators.profiles.places import country_name
from annotators.profiles.selectors import Person


class Where(StrEnum):
    """The page on which a person can change what they lack; `NOWHERE` if they cannot."""

    PROFILE = "profile"
    TERMS = "terms"
    PROJECT = "project"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Unmet:
    """One thing that a person lacks for some work."""

    code: str
    words: str
    where: Where


def unmet_for_pay(person: Person) -> list[Unmet]:
    """Return what a person lacks to take paid work; empty if they can."""
    found = []
    if not person.is_adult:
        words = "Paid work is for adults. Say in your profile that you are 18 or older."
        found.append(Unmet("adult", words, Where.PROFILE))
    if not person.country:
        words = "Say in your profile which country you live in, so that we know whether we can pay you there."
        found.append(Unmet("country", words, Where.PROFILE))
    elif not person.has_rail:
        found.append(Unmet("rail", no_rail(person.country), Where.NOWHERE))
    if person.acceptance_id is None:
        words = f"Read and accept the terms of work, version {person.terms_number}."
        found.append(Unmet("terms", words, Where.TERMS))
    return found


def no_rail(country: str) -> str:
    """Return the words for somebody whom nobody can pay where they live."""
    return (
        f"We cannot pay people in {country_name(country)} yet, so paid work is closed to you there. "
        "Unpaid work of a workspace that you are a member of is open."
    )
