"""Services: save a profile, accept the terms. Annotator plane."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from annotators.profiles import places, selectors, tags
from annotators.profiles.models import (
    DOCUMENTS,
    MOST_DOMAINS,
    MOST_LANGUAGES,
    Acceptance,
    Profile,
)
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import clock
from rlhfhub.tenancy.raw import constraint_of


def save_profile(
    *,
    person_id: uuid.UUID,
    is_adult: bool | None = None,
    country: str | None = None,
    languages: Sequence[str] | None = None,
    domains: Sequence[str] | None = None,
    avoids: Sequence[str] | None = None,
) -> Profile:
    """Save what a person tells about themselves; what is None stays as it is. It holds from their next item on.

    Raises: Refused, naming the field, for a country, language or kind of content that nobody knows, and for too many.
    """
    given: dict[str, Any] = {"country": country, "avoids": avoids}
    if country:
        _check("country", [country], places.countries())
    if languages is not None:
        given["languages"] = _each_once("languages", languages, MOST_LANGUAGES)
        _check("languages", languages, places.languages())
    if domains is not None:
        words = [word for word in map(tags.domain, domains) if word]
        given["domains"] = _each_once("domains", words, MOST_DOMAINS)
    if avoids is not None:
        _check("avoids", avoids, tags.Content.values)
        given["avoids"] = list(dict.fromkeys(avoids))
    changed = {name: value for name, value in given.items() if value is not None}
    profile, _ = Profile.objects.get_or_create(user_id=person_id)
    if is_adult is not None and is_adult != (profile.adult_at is not None):
        changed["adult_at"] = clock.now() if is_adult else None
    for name, value in changed.items():
        setattr(profile, name, value)
    if changed:
        profile.save(update_fields=list(changed))
    return profile


def _each_once(field: str, values: Sequence[str], most: int) -> list[str]:
    found = list(dict.fromkeys(values))
    if len(found) > most:
        raise invalid(field, f"At most {most}, please.")
    return found


def _check(field: str, values: Sequence[str], known: Collection[str]) -> None:
    for value in values:
        if value not in known:
            raise invalid(field, f"“{value[:40]}” is not one that we know.")


def accept_terms(*, person_id: uuid.UUID, number: int, documents: Collection[str]) -> Acceptance:
    """Record that a person accepts the terms in force. Accepting twice changes nothing.

    `documents` are the names of those that they accept, each for itself.

    Raises: Refused (`not_in_force`) if `number` is not the version in force, because they may not have read that one;
    Refused (400), naming each document that is missing.
    """
    terms = selectors.terms_in_force()
    if terms.number == number:
        _check_each(documents)
        now = clock.now()
        stamps = {f"{name}_at": now for name in DOCUMENTS}
        try:
            with transaction.atomic():
                accepted, _ = Acceptance.objects.get_or_create(
                    user_id=person_id, terms=terms, defaults=stamps
                )
        except IntegrityError as error:
            if constraint_of(error) != "terms_in_force":
                raise
        else:
            return accepted
    raise Refused(
        "not_in_force",
        "Another version of the terms is in force now. Read that version and accept it.",
        status=409,
    )


def _check_each(documents: Collection[str]) -> None:
    missing = [name for name in DOCUMENTS if name not in documents]
    if missing:
        titles = ", ".join(f"“{DOCUMENTS[name]}”" for name in missing)
        errors = [
            {"row": None, "field": name, "message": "Read this document and accept it."}
            for name in missing
        ]
        words = f"Paid work needs your agreement to each of the three. Accept {titles} too."
        raise Refused("invalid", words, errors=errors)
