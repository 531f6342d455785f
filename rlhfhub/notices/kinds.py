"""The kinds of notices. Each room registers its own when the apps are ready."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rlhfhub.notices.topics import Topic


@dataclass(frozen=True, slots=True)
class Words:
    """A notice in words: a title, what it means and what to do, and the path of the page it leads to."""

    title: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice: its name, such as `calibration.passed`, its topic, and how its words are made from its data."""

    name: str
    topic: Topic
    words: Callable[[dict[str, Any]], Words]


_registered: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Register kinds; one with the same name is replaced. Called from a room's AppConfig.ready()."""
    _registered.update({kind.name: kind for kind in kinds})


def registered() -> list[Kind]:
    """Return all kinds, ordered by name."""
    return sorted(_registered.values(), key=lambda kind: kind.name)


def kind_of(name: str) -> Kind:
    """Return the kind called `name`. Raises KeyError for one that no room registered."""
    return _registered[name]
