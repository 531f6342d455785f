"""Gates: what later rooms ask of a project before one of its batches may open."""

from collections.abc import Callable

from projects.items.models import Batch

# Returns why the batch may not open yet, in words for its members; None if it may. Workspace plane.
Gate = Callable[[Batch], str | None]
_gates: list[Gate] = []


def register(gate: Gate) -> None:
    """Register a gate. Called from the AppConfig's ready()."""
    if gate not in _gates:
        _gates.append(gate)


def closed_because(batch: Batch) -> str:
    """Return why the batch may not open yet; empty if it may. A batch that was open before may open again."""
    if batch.opened_at is not None or batch.phase != Batch.Phase.MAIN:
        return ""
    return " ".join(words for gate in _gates if (words := gate(batch)))
