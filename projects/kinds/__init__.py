"""Question kinds: what a question may ask, and what may be answered to it. Pure: no Django.

A kind is one module that fulfils `projects.kinds.protocol.Kind`. A new kind is such a file, its
line in the registry below, a partial for the desk, and a test.
"""

from projects.kinds import preference, rating, text
from projects.kinds.protocol import Kind

_KINDS: dict[str, Kind] = {"preference": preference, "rating": rating, "text": text}


def get(kind: object) -> Kind | None:
    """The kind of this name, or None; any JSON value may be asked for."""
    return _KINDS.get(kind) if isinstance(kind, str) else None


def names() -> list[str]:
    """The names of all kinds."""
    return list(_KINDS)


def register(name: str, kind: Kind) -> None:
    """Add a kind. Raises ValueError if the name is taken."""
    if name in _KINDS:
        raise ValueError(f"there is a kind of this name already: {name}")
    _KINDS[name] = kind


def unregister(name: str) -> None:
    """Take out a kind that was added. Raises KeyError if there is none of this name."""
    del _KINDS[name]
