"""The walls of money for reading guidelines, and the door that says what reading a project's guidelines pays."""

from rlhfhub.tenancy.rules import (
    ADD,
    ANNOTATOR,
    ANY,
    DOOR,
    MINE,
    READ,
    Door,
    Rule,
    Wall,
    seen_by_members,
)

WALLS: dict[str, Wall] = {
    "billing_readings_readingbudget": seen_by_members(
        READ, keeper=Rule("SELECT, INSERT, UPDATE (free_minor)")
    ),
    "billing_readings_readingfunding": seen_by_members(ADD, system=Rule(ADD, ANY)),
    "billing_readings_reading": seen_by_members(
        READ,
        annotator=Rule(READ, MINE),
        system=Rule("SELECT, UPDATE (state)", ANY),
        keeper=Rule(ADD),
    ),
}

DOORS = [
    # What this person gets for reading the version in force, and whether the project has the money for it.
    Door(
        "door_reading",
        "person uuid, only_project uuid",
        "TABLE (amount_minor bigint, currency varchar, is_covered boolean)",
        """SELECT due.amount, p.currency, due.amount <= COALESCE(b.free_minor, 0)
       FROM projects_plan_project p
       LEFT JOIN billing_readings_readingbudget b ON b.project_id = p.id
       CROSS JOIN LATERAL (SELECT readings_due(p.guideline_version_id, (
           SELECT e.id FROM projects_enrollment_enrollment e
           WHERE e.project_id = p.id AND e.annotator_id = person)) AS amount) due
       WHERE p.id = only_project AND p.access = 'market' AND p.status = 'active' AND due.amount > 0""",
        (DOOR, ANNOTATOR),
    ),
]
