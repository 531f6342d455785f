"""Question kinds: what a question may ask, and what may be answered to it. Pure: no Django.

A kind is one module that fulfils `projects.kinds.protocol.Kind`. A new kind is such a file, its
line in the registry below, a partial for the desk, and a test.
"""

from projects.kinds import preference, text
from projects.kinds.protocol import Kind

_KINDS: dict[str, Kind] = {"preference": preference, "text": text}


def get(kind: object) -> Kind | None:
    """The kind of this name, or None; any JSON value may be asked for."""
    return _KINDS.get(kind) if isinstance(kind, str) else None


def names() -> list[str]:
    """The names of all kinds."""
    return list(_KINDS)
