"""Gates and checks: what later rooms ask of a project before one of its batches may open."""

from collections.abc import Callable

from projects.items.models import Batch

# Returns why the batch may not open yet, in words for its members; None if it may. Workspace plane.
Gate = Callable[[Batch], str | None]
_gates: list[Gate] = []
# Refuses a batch of any phase whose terms must not be offered, with a code of its own. Workspace plane.
Check = Callable[[Batch], None]
_checks: list[Check] = []
_checks_of_each_opening: list[Check] = []


def register(gate: Gate) -> None:
    """Register a gate. Called from the AppConfig's ready()."""
    if gate not in _gates:
        _gates.append(gate)


def register_check(check: Check) -> None:
    """Register a check. Called from the AppConfig's ready()."""
    if check not in _checks:
        _checks.append(check)


def register_check_of_each_opening(check: Check) -> None:
    """Register a check that is also made when a paused batch opens again. Called from the AppConfig's ready()."""
    if check not in _checks_of_each_opening:
        _checks_of_each_opening.append(check)


def check_terms(batch: Batch) -> None:
    """Run the checks; of a batch that was open before, those of each opening.

    Raises: Refused, as a check does.
    """
    for check in _checks_of_each_opening:
        check(batch)
    if batch.opened_at is None:
        for check in _checks:
            check(batch)


def closed_because(batch: Batch) -> str:
    """Return why the batch may not open yet; empty if it may. A batch that was open before may open again."""
    if batch.opened_at is not None or batch.phase != Batch.Phase.MAIN:
        return ""
    return " ".join(words for gate in _gates if (words := gate(batch)))
