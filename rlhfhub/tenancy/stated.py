"""The walls and doors that the rooms state. `rlhfhub.apps` passes them in when the apps are ready."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rlhfhub.tenancy.rules import Door, Wall

# The name of a wall's table or a door's function, and a table that its SQL names.
Naming = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Room:
    """The walls, by table, and the doors that one room states in the Python module `module`."""

    module: str
    walls: Mapping[str, Wall]
    doors: Sequence[Door] = ()

    @property
    def file(self) -> str:
        """The path of the module's file from the top of the checkout, such as `projects/quality/walls.py`."""
        return f"{self.module.replace('.', '/')}.py"


@dataclass(slots=True)
class Stated:
    """The walls and doors of all rooms. The first of `rooms` states those of Django's and the packages' tables.

    `outside` gives the reason for each table that no plane may touch; `later` gives the reason for each wall or door
    that names a table of a later room.
    """

    rooms: Sequence[Room] = ()
    outside: Mapping[str, str] = field(default_factory=dict)
    later: Mapping[Naming, str] = field(default_factory=dict)

    @property
    def walls(self) -> dict[str, Wall]:
        """Every wall by its table."""
        return {table: wall for room in self.rooms for table, wall in room.walls.items()}


STATED = Stated()


def state(
    rooms: Sequence[Room], *, outside: Mapping[str, str], later: Mapping[Naming, str]
) -> None:
    """Set what the site states. It replaces what was set before."""
    STATED.rooms, STATED.outside, STATED.later = rooms, outside, later
