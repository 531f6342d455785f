"""The vocabulary of the rooms' `walls.py`: what each plane may do with a table, which rows it sees, and the doors.

A room states `WALLS`, a rule for each plane that may touch its table, and `DOORS` where it has some. Policies read
the row alone; the few that read another table name one whose own policy does.
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
    """A narrow SQL function of the keeper's, which answers one question before a workspace is known.

    It is given the person it answers: what it returns of enrollments, answers and pay is that person's own, in
    whichever workspace. `planes` may call it.
    """

    name: str
    arguments: str
    returns: str
    body: str
    planes: tuple[Plane, ...] = (DOOR,)


def setting(name: str) -> str:
    """SQL for the id of the workspace, person or project at hand; NULL where there is none."""
    # In a sub-select it is read once a statement and not once a row.
    return f"(SELECT NULLIF(current_setting('rlhfhub.{name}', true), '')::uuid)"


WS = f"workspace_id = {setting('workspace')}"
MINE = f"annotator_id = {setting('person')} AND {WS}"
# The system plane sees all workspaces, or the one it was narrowed to.
ANY = f"({setting('workspace')} IS NULL OR {WS})"
READ = "SELECT"
ADD = "SELECT, INSERT"
ALL = "SELECT, INSERT, UPDATE, DELETE"


def seen_by_members(members: str, **others: Rule) -> Wall:
    """The wall of a tenant table: members have the privileges `members` on their workspace's rows.

    Staff and system jobs read it. Annotators and the keeper see nothing of it, unless `others` has a rule for their
    plane (`annotator=Rule(READ, MINE)`), which may also replace the rule of the system or staff.
    """
    wall: Wall = {WORKSPACE: Rule(members, WS), STAFF: Rule(READ), SYSTEM: Rule(READ, ANY)}
    return {**wall, **{Plane(plane): rule for plane, rule in others.items()}}
