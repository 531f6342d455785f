"""What later rooms do when guidelines are published, in the same transaction, and what they announce of it before."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from projects.plan.models import GuidelineVersion


@dataclass(frozen=True, slots=True)
class RetiredItem:
    """A keyed item whose texts a version shows. `keys` of its right answers retire when the version is published."""

    item_id: uuid.UUID
    external_id: str
    keys: int


@dataclass(frozen=True, slots=True)
class LostRule:
    """A rule that `keys` of right answers cite, and that a version does not have."""

    rule: str
    keys: int


@dataclass(frozen=True, slots=True)
class Follow:
    """What a room does with a version that has just come into force, by the member who published it.

    `retires` returns what that will be for a version that is not published, and `loses` the rules that are cited and
    that it does not have. All need the workspace plane.
    """

    do: Callable[[GuidelineVersion, uuid.UUID | None], None] = lambda version, actor_id: None
    retires: Callable[[GuidelineVersion], Sequence[RetiredItem]] = lambda version: ()
    loses: Callable[[GuidelineVersion], Sequence[LostRule]] = lambda version: ()


_registered: list[Follow] = []


def register(follow: Follow) -> None:
    """Register what follows. Called from the AppConfig's ready()."""
    if follow not in _registered:
        _registered.append(follow)


def follow_up(version: GuidelineVersion, actor_id: uuid.UUID | None) -> None:
    """Do what all rooms have registered."""
    for follow in _registered:
        follow.do(version, actor_id)


def retired_by(version: GuidelineVersion) -> list[RetiredItem]:
    """Return the keyed items whose right answers retire if the version is published; none once it is."""
    if version.published_at:
        return []
    return [item for follow in _registered for item in follow.retires(version)]


def lost_by(version: GuidelineVersion) -> list[LostRule]:
    """Return the rules that are cited and that the version lacks, if it is not published; none once it is."""
    if version.published_at:
        return []
    return [rule for follow in _registered for rule in follow.loses(version)]
