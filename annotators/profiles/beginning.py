"""Where work begins for a person: with their profile as long as there is none, else with their projects."""

import uuid

from django.urls import reverse

from annotators.profiles import selectors
from rlhfhub.members import sides
from rlhfhub.tenancy import planes


def begins_at(person_id: uuid.UUID) -> str:
    """Return the path of the page on which this person's work begins. Door plane."""
    with planes.at_desk(person_id):
        return reverse("work_home" if selectors.has_profile(person_id) else "profile")


def register() -> None:
    """Register where work begins. Called from the AppConfig's ready()."""
    sides.register(begins_at)
