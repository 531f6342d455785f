"""What later rooms do when guidelines are published, in the same transaction."""

import uuid
from collections.abc import Callable

from projects.plan.models import GuidelineVersion

# Does what follows from the version that has just come into force, by the member who published it. Workspace plane.
Follow = Callable[[GuidelineVersion, uuid.UUID | None], None]
_registered: list[Follow] = []


def register(follow: Follow) -> None:
    """Register what follows. Called from the AppConfig's ready()."""
    if follow not in _registered:
        _registered.append(follow)


def follow_up(version: GuidelineVersion, actor_id: uuid.UUID | None) -> None:
    """Do what all rooms have registered."""
    for follow in _registered:
        follow(version, actor_id)
