"""A panel on the page of a workspace's keys: the annotators' tokens, by pseudonym."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from projects.enrollment.models import Enrollment
from rlhfhub.members.boards import KEYS
from rlhfhub.tenancy.models import ApiKey
from rlhfhub.tenancy.selectors import with_state
from rlhfhub.web import listing
from rlhfhub.web.listing import Listing

PAGE_SIZE = 50
MOST_PSEUDONYMS = 3


@dataclass(frozen=True, slots=True)
class Token:
    """An annotator's token, with their newest pseudonyms and the number of the others (`more`)."""

    key: ApiKey
    state: str
    pseudonyms: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """A page of the annotators' tokens."""

    rows: list[Token]
    listing: Listing[Any]


def on_keys(request: HttpRequest) -> Tokens:
    """Return a page of tokens, newest first. Names are not read: only the annotators themselves may see them."""
    tokens = ApiKey.objects.exclude(annotator=None).defer("name", "secret_sha256")
    found = listing.listed(with_state(tokens), request, "-id", name="tokens", size=PAGE_SIZE)
    enrollments = _enrollments({row.annotator_id for row in found.rows})
    return Tokens([_token(row, enrollments[row.annotator_id]) for row in found.rows], found)


def _enrollments(people: set[uuid.UUID | None]) -> defaultdict[uuid.UUID | None, list[Enrollment]]:
    enrollments: defaultdict[uuid.UUID | None, list[Enrollment]] = defaultdict(list)
    for enrollment in Enrollment.objects.filter(annotator_id__in=people).order_by("-pk"):
        enrollments[enrollment.annotator_id].append(enrollment)
    return enrollments


def _token(token: Any, enrollments: list[Enrollment]) -> Token:
    return Token(
        key=token,
        state=token.state,
        pseudonyms=[enrollment.pseudonym for enrollment in enrollments[:MOST_PSEUDONYMS]],
        more=max(0, len(enrollments) - MOST_PSEUDONYMS),
    )


def register() -> None:
    """Register the panel. Called from the AppConfig's ready()."""
    KEYS.register("tokens", on_keys)
