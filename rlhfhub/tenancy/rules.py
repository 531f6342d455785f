"""The vocabulary of the rooms' `walls.py`: what each plane may do with a table, which rows it sees, and the doors.

A room states in `WALLS` a rule for each plane that may touch a table, and in `DOORS` its door functions. A policy reads
only the row itself; the few that read another table name one whose own policy reads only its row.
"""

from dataclasses import dataclass

from rlhfhub.tenancy.planes import Plane

DOOR, WORKSPACE, ANNOTATOR = Plane.DOOR, Plane.WORKSPACE, Plane.ANNOTATOR
SYSTEM, STAFF, KEEPER = Plane.SYSTEM, Plane.STAFF, Plane.KEEPER


@dataclass(frozen=True, slots=True)
class Rule:
    """What a plane may do with a table (`SELECT, UPDATE (name)`), and the rows it sees (None: every row)."""

    privileges: str
    rows: str | None = None


Wall = dict[Plane, Rule]


@dataclass(frozen=True, slots=True)
class Door:
    """A narrow SQL function with the keeper's rights, for one question that must be answered in no workspace's plane.

    It gets the person as an argument and returns only that person's own enrollments, answers and pay, from all
    workspaces. `planes` are the planes that may call it.
    """

    name: str
    arguments: str
    returns: str
    body: str
    planes: tuple[Plane, ...] = (DOOR,)


def setting(name: str) -> str:
    """Return SQL for the id of the current workspace, person or project, which is NULL if there is none."""
    # As a sub-select it is evaluated once for a statement and not for every row.
    return f"(SELECT NULLIF(current_setting('rlhfhub.{name}', true), '')::uuid)"


WS = f"workspace_id = {setting('workspace')}"
MINE = f"annotator_id = {setting('person')} AND {WS}"
# The system plane sees all workspaces, or only one if it was entered for one.
ANY = f"({setting('workspace')} IS NULL OR {WS})"
READ = "SELECT"
ADD = "SELECT, INSERT"
ALL = "SELECT, INSERT, UPDATE, DELETE"


def seen_by_members(members: str, **others: Rule) -> Wall:
    """Return the wall of a tenant table whose members have the privileges `members` on their workspace's rows.

    The system and staff planes may read it. Annotators and the keeper see nothing of it, unless `others` has a rule for
    their plane (`annotator=Rule(READ, MINE)`); it may also replace the rule of the system or staff plane.
    """
    wall: Wall = {WORKSPACE: Rule(members, WS), STAFF: Rule(READ), SYSTEM: Rule(READ, ANY)}
    return {**wall, **{Plane(plane): rule for plane, rule in others.items()}}
