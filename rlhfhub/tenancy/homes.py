"""Checks where walls and doors are stated: in the room that has the table, and naming no later room without reason."""

import re
from collections import defaultdict
from collections.abc import Iterator

from django.apps import apps
from django.db import models

from rlhfhub.tenancy.policies import door_statements, wall_statements
from rlhfhub.tenancy.stated import STATED, Naming, Room


def home(model: type[models.Model]) -> str:
    """Return the path, from the top of the checkout, of the file that must state the wall of this model's table."""
    app = model._meta.app_config.name
    ours = {room.module.partition(".")[0] for room in STATED.rooms}
    if app.partition(".")[0] in ours:
        return f"{app.replace('.', '/')}/walls.py"
    return STATED.rooms[0].file


def faults() -> Iterator[str]:
    """Yield tables whose wall is missing, stated twice or in another room's file, and walls without a model."""
    files = defaultdict(list)
    for room in STATED.rooms:
        for table in room.walls:
            files[table].append(room.file)
    for table in STATED.outside:
        files[table].append("OUTSIDE")
    homes = {m._meta.db_table: home(m) for m in apps.get_models(include_auto_created=True)}
    for table, file in sorted(homes.items()):
        found = files[table]
        if not found:
            yield f"{table} has no wall: state it in {file}"
        elif len(found) > 1:
            yield f"{table} is stated twice: in {' and '.join(found)}"
        elif found[0] not in {file, "OUTSIDE"}:
            yield f"{table} has its wall in {found[0]}: move it to {file}"
    walls = STATED.walls.keys()
    yield from (f"{table} has a wall and no model" for table in sorted(walls - homes.keys()))


def later_tables() -> Iterator[Naming]:
    """Yield each wall or door whose SQL names a table of a later room, with that table."""
    order = {table: n for n, room in enumerate(STATED.rooms) for table in room.walls}
    for n, room in enumerate(STATED.rooms):
        for name, statements in _sql_of(room):
            words = set(re.findall(r"\w+", " ".join(statements)))
            later = sorted(table for table in words & order.keys() if order[table] > n)
            yield from ((name, table) for table in later)


def _sql_of(room: Room) -> Iterator[tuple[str, list[str]]]:
    """Yield the SQL of each of a room's walls, by table, and doors, by name."""
    yield from ((table, wall_statements(table, wall)) for table, wall in room.walls.items())
    yield from ((door.name, door_statements(door)) for door in room.doors)
