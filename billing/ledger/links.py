"""What journals of a kind are called on the money page, and where they lead. Later rooms register this."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A journal's title ("" for the one of its kind), the path of the page about it, its receipt and its invoice.

    Addresses of what there is not are empty.
    """

    title: str
    path: str
    receipt_url: str = ""
    invoice_url: str = ""


# Takes the workspace's slug and causes of journals; returns links by cause. Workspace plane.
Finder = Callable[[str, Sequence[str]], Mapping[str, Link]]
_finders: dict[str, Finder] = {}


def register(kind: str, finder: Finder) -> None:
    """Register who finds the links of journals of this kind. Called from a room's AppConfig.ready()."""
    _finders[kind] = finder


def links_of(slug: str, causes: Mapping[str, Sequence[str]]) -> dict[str, Link]:
    """Return links by cause, for the causes of journals by their kinds."""
    return {
        cause: link
        for kind, named in causes.items()
        if kind in _finders
        for cause, link in _finders[kind](slug, named).items()
    }
