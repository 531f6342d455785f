"""The wall of notes."""

from rlhfhub.tenancy.rules import ADD, Wall, seen_by_members

WALLS: dict[str, Wall] = {"adding_room_note": seen_by_members(ADD)}
