"""The question kinds: what a question may ask and which answers it takes. Pure: no Django.

A kind is one module that implements `projects.kinds.protocol.Kind`. To add a kind, write such a
module, its line in the registry below, a partial for the desk, and a test.
"""

from projects.kinds import label, preference, rating, text
from projects.kinds.protocol import Kind

_KINDS: dict[str, Kind] = {
    "label": label,
    "preference": preference,
    "rating": rating,
    "text": text,
}


def get(kind: object) -> Kind | None:
    """Return the kind with this name, or None if there is none. `kind` may be any JSON value."""
    return _KINDS.get(kind) if isinstance(kind, str) else None


def names() -> list[str]:
    """Return the names of all kinds."""
    return list(_KINDS)


def register(name: str, kind: Kind) -> None:
    """Add a kind under `name`. Raises ValueError if the name is taken."""
    if name in _KINDS:
        raise ValueError(f"a question kind with this name is already registered: {name}")
    _KINDS[name] = kind


def unregister(name: str) -> None:
    """Remove a kind. Raises KeyError if no kind has this name."""
    del _KINDS[name]
