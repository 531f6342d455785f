"""What a person told about themselves and accepted, and the terms in force. All in the annotator plane."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from annotators.profiles.models import Acceptance, Profile, Terms

_PERSON = """
    SELECT COALESCE(p.adult_at IS NOT NULL, false), COALESCE(p.country, ''), COALESCE(p.languages, '{}'),
           COALESCE(p.domains, '{}'), COALESCE(p.avoids, '{}'), t.number, a.id,
           EXISTS (SELECT 1 FROM annotators_profiles_payoutcountry c WHERE c.code = p.country)
    FROM (SELECT %s::uuid AS id) who
    LEFT JOIN annotators_profiles_profile p ON p.user_id = who.id
    LEFT JOIN LATERAL (SELECT id, number FROM annotators_profiles_terms ORDER BY number DESC LIMIT 1) t ON true
    LEFT JOIN annotators_profiles_acceptance a ON a.terms_id = t.id AND a.user_id = who.id
"""


@dataclass(frozen=True, slots=True)
class Person:
    """What decides about a person's work. `terms_number` is that of the terms in force, `acceptance_id` theirs of them.

    `has_rail` is whether people in their country can be paid. A person without a profile has nothing.
    """

    is_adult: bool
    country: str
    languages: list[str]
    domains: list[str]
    avoids: list[str]
    terms_number: int
    acceptance_id: uuid.UUID | None
    has_rail: bool


@dataclass(frozen=True, slots=True)
class AcceptedTerms:
    """A version of the terms that a person accepted, and when."""

    number: int
    accepted_at: datetime


def person(person_id: uuid.UUID) -> Person:
    """Return what decides about this person's work."""
    with connection.cursor() as cursor:
        cursor.execute(_PERSON, [person_id])
        return Person(*cursor.fetchone())


def has_profile(person_id: uuid.UUID) -> bool:
    """Return whether this person has saved a profile."""
    return Profile.objects.filter(user_id=person_id).exists()


def terms_in_force() -> Terms:
    """Return the terms in force. Door or annotator plane."""
    return Terms.objects.latest("number")


def acceptance_of(person_id: uuid.UUID, terms: Terms) -> Acceptance | None:
    """Return this person's acceptance of this version; None if they have not accepted it."""
    return Acceptance.objects.filter(user_id=person_id, terms=terms).first()


def changed_since(accepted: AcceptedTerms | None, shown: Terms) -> list[str]:
    """Return the names of the documents whose texts differ from those accepted; none if nothing was accepted."""
    if accepted is None or accepted.number == shown.number:
        return []
    return shown.changed_since(Terms.objects.get(number=accepted.number))


def last_accepted(person_id: uuid.UUID) -> AcceptedTerms | None:
    """Return the newest version that this person accepted; None if they accepted none."""
    rows = Acceptance.objects.filter(user_id=person_id).order_by("-terms__number")
    found = rows.values_list("terms__number", "accepted_at").first()
    return AcceptedTerms(*found) if found else None
