"""What no constraint of notes holds."""

from rlhfhub.invariants import Invariant, register

INVARIANTS = (
    Invariant(
        "D1",
        "a note says something",
        "SELECT id AS note FROM adding_room_note WHERE btrim(text) = ''",
    ),
)


def put_in_register() -> None:
    """Called when the apps are ready."""
    register("tests.adding.room", INVARIANTS)
