"""How the database's refusals of an acceptance of guidelines are worded. Later rooms register theirs."""

from dataclasses import dataclass

from rlhfhub.ground.refusals import Refused


@dataclass(frozen=True, slots=True)
class Refusal:
    """The code and the words of a refusal (409)."""

    code: str
    words: str


_registered: dict[str, Refusal] = {}


def register(constraint: str, refusal: Refusal) -> None:
    """Register how the refusal of a constraint is worded. Called from the AppConfig's ready()."""
    _registered[constraint] = refusal


def refused_by(constraint: str | None) -> Refused | None:
    """Return the refusal of a constraint; None if no room has registered it."""
    found = _registered.get(constraint or "")
    return Refused(found.code, found.words, status=409) if found else None
