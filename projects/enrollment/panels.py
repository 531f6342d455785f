"""What enrollment shows on the page of a workspace's keys: its annotators' tokens, by pseudonym."""

import uuid
from collections import defaultdict
from typing import Any

from django.http import HttpRequest

from projects.enrollment.models import Enrollment
from rlhfhub.tenancy.models import ApiKey
from rlhfhub.tenancy.selectors import with_state
from rlhfhub.web import listing
from rlhfhub.web.panels import contribute

PAGE, NAMES = 50, 3


def on_keys(request: HttpRequest) -> dict[str, Any]:
    """Tokens, newest first. Their names are the annotators' own affair."""
    tokens = ApiKey.objects.exclude(annotator=None).defer("name", "secret_sha256")
    found = listing.listed(with_state(tokens), request, "-id", name="tokens", size=PAGE)
    enrollments = _enrollments({row.annotator_id for row in found.rows})
    return {
        "token_listing": found,
        "tokens": [_shown(row, enrollments[row.annotator_id]) for row in found.rows],
    }


def _enrollments(people: set[uuid.UUID | None]) -> defaultdict[uuid.UUID | None, list[Enrollment]]:
    enrollments: defaultdict[uuid.UUID | None, list[Enrollment]] = defaultdict(list)
    for enrollment in Enrollment.objects.filter(annotator_id__in=people).order_by("-pk"):
        enrollments[enrollment.annotator_id].append(enrollment)
    return enrollments


def _shown(token: Any, enrollments: list[Enrollment]) -> dict[str, Any]:
    over = bool(enrollments) and all(
        enrollment.state == Enrollment.State.ENDED for enrollment in enrollments
    )
    return {
        "key": token,
        "state": "ended" if over and token.state == "working" else token.state,
        "pseudonyms": [enrollment.pseudonym for enrollment in enrollments[:NAMES]],
        "more": max(0, len(enrollments) - NAMES),
    }


def register() -> None:
    """Called when the apps are ready."""
    contribute("keys", on_keys)
