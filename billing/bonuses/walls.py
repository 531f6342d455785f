"""The walls of bonuses. Annotators read their own through a door, from all workspaces."""

from rlhfhub.tenancy.rules import ADD, ANY, READ, Door, Rule, Wall, seen_by_members

WALLS: dict[str, Wall] = {
    "billing_bonuses_topup": seen_by_members(ADD),
    # The system pays for reading; all other bonuses are members' gifts.
    "billing_bonuses_bonus": seen_by_members(ADD, system=Rule(ADD, ANY), keeper=Rule(READ)),
}

DOORS = [
    Door(
        "door_own_bonuses",
        "person uuid, enrollments uuid[], most integer",
        "TABLE (enrollment_id uuid, at timestamptz, amount_minor bigint, currency varchar, answers integer, "
        "reason varchar)",
        """SELECT e.id, b.at, b.amount_minor, b.currency, b.answers, b.reason
       FROM projects_enrollment_enrollment e CROSS JOIN LATERAL (
           SELECT n.* FROM billing_bonuses_bonus n WHERE n.enrollment_id = e.id ORDER BY n.id DESC LIMIT most) b
       WHERE e.annotator_id = person AND e.id = ANY(enrollments) ORDER BY e.id, b.id DESC""",
    ),
]
