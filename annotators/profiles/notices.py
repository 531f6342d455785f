"""What people who work are told by the site: a new version of the terms is in force."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse

from annotators.profiles.models import DOCUMENTS, Acceptance, Terms
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic

CHANGED = "terms.changed"


def tell_of_change(terms: Terms, changed: Sequence[str], accepted: QuerySet[Acceptance]) -> None:
    """Tell those who accepted the version before that `terms` have come into force. By the owner's login."""
    services.tell_all(
        people=accepted.values_list("user_id", JSONObject()),
        workspace_id=None,
        kind=CHANGED,
        cause=terms.pk,
        data={"number": terms.number, "changed": list(changed)},
    )


def _changed(data: dict[str, Any]) -> Words:
    names = ", ".join(f"“{DOCUMENTS[name]}”" for name in data["changed"])
    text = (
        f"Version {data['number']} is in force. What has changed: {names}. Read and accept it before your next paid "
        "item; what you hold and what you have submitted are not affected."
    )
    return Words("New terms for people who work", text, reverse("terms"))


def register() -> None:
    """Register the kind. Called from the AppConfig's ready()."""
    kinds.register(Kind(CHANGED, Topic.GUIDELINES, _changed))
