"""The walls of enrollments, acceptances and clearances, and the doors that list a person's enrollments."""

from rlhfhub.tenancy.rules import (
    ADD,
    ANNOTATOR,
    ANY,
    KEEPER,
    MINE,
    READ,
    STAFF,
    WS,
    Door,
    Rule,
    Wall,
    seen_by_members,
    setting,
)


def _my_enrollments(table: str) -> str:
    """Return SQL for the rows of `table` that belong to this person's enrollments."""
    return (
        "EXISTS (SELECT 1 FROM projects_enrollment_enrollment e "
        f"WHERE e.id = {table}.enrollment_id AND e.annotator_id = {setting('person')}) AND {WS}"
    )


_CHANGE = "id, workspace_id, enrollment_id, annotator_id, from_state, to_state, reason, note, at"

WALLS: dict[str, Wall] = {
    "projects_enrollment_enrollment": seen_by_members(
        READ,
        annotator=Rule("SELECT, INSERT, UPDATE (state, agreed_content)", MINE),
        # Whoever decides on an attempt locks its enrollment first.
        system=Rule("SELECT, UPDATE (state)", ANY),
        keeper=Rule("SELECT, UPDATE (state)"),
    ),
    "projects_enrollment_guidelineacceptance": seen_by_members(
        READ,
        annotator=Rule(
            "SELECT, INSERT, UPDATE (attested_at)",
            _my_enrollments("projects_enrollment_guidelineacceptance"),
        ),
        keeper=Rule(READ),
    ),
    # An annotator does not see which member changed their enrollment.
    "projects_enrollment_enrollmentchange": seen_by_members(
        ADD,
        annotator=Rule(
            f"SELECT ({_CHANGE}), INSERT ({_CHANGE}, by_id)",
            MINE,
        ),
        keeper=Rule(READ),
    ),
    "projects_enrollment_enrollmentreply": seen_by_members(
        READ,
        annotator=Rule(
            "SELECT (id, workspace_id, change_id, annotator_id, text, at, read_at), INSERT", MINE
        ),
        staff=Rule("SELECT, UPDATE (read_at, read_by_id)"),
    ),
    "projects_enrollment_example": seen_by_members(
        "SELECT, INSERT, DELETE", keeper=Rule("SELECT, DELETE")
    ),
    # The row tells what is in a person's profile, so workspaces cannot read it.
    "projects_enrollment_eligibility": {
        ANNOTATOR: Rule(
            "SELECT, INSERT, UPDATE (requirement_id, acceptance_id, terms_number, expires_at)", MINE
        ),
        STAFF: Rule(READ),
        KEEPER: Rule("SELECT, DELETE"),
    },
    "projects_enrollment_clearance": seen_by_members(
        READ,
        annotator=Rule(ADD, _my_enrollments("projects_enrollment_clearance")),
        keeper=Rule("SELECT, INSERT, UPDATE (batch_id)"),
    ),
}

# A person sees an enrollment if its project is on the market, or while they are a member of its workspace.
_SHOWN = """(p.access = 'market' OR EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m
                WHERE m.workspace_id = e.workspace_id AND m.user_id = person))"""

DOORS = [
    Door(
        "door_own_enrollment",
        "person uuid, only_enrollment uuid, only_project uuid",
        "TABLE (id uuid, workspace_id uuid, project_id uuid)",
        f"""SELECT e.id, e.workspace_id, e.project_id
       FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
       WHERE e.annotator_id = person AND (e.id = only_enrollment OR e.project_id = only_project)
         AND p.status = 'active' AND {_SHOWN}""",
    ),
    Door(
        "door_enrollments",
        "person uuid, only_enrollment uuid, over boolean, before uuid, most integer",
        "TABLE (id uuid, workspace_id uuid, project_id uuid, workspace varchar, project varchar, pseudonym varchar, "
        "state varchar, is_archived boolean, price_minor bigint, currency varchar, estimated_seconds integer)",
        f"""SELECT e.id, e.workspace_id, e.project_id, w.name, p.name, e.pseudonym, e.state, p.status = 'archived',
              p.price_minor, p.currency, p.estimated_seconds
       FROM projects_enrollment_enrollment e
       JOIN projects_plan_project p ON p.id = e.project_id
       JOIN rlhfhub_tenancy_workspace w ON w.id = e.workspace_id
       WHERE e.annotator_id = person AND {_SHOWN}
         AND (only_enrollment IS NULL OR e.id = only_enrollment) AND (before IS NULL OR e.id < before)
         AND (over IS NULL OR over = (p.status = 'archived' OR e.state = 'ended'))
       ORDER BY e.id DESC LIMIT most""",
    ),
    # What a project shows to everybody who may join it, or has joined.
    Door(
        "door_examples",
        "person uuid, only_project uuid",
        "TABLE (number smallint, prompt text, responses text, context text)",
        """SELECT e.number, i.prompt::text, i.responses::text, i.context::text
       FROM projects_enrollment_example e JOIN projects_items_item i ON i.id = e.item_id
       JOIN projects_plan_project p ON p.id = e.project_id
       WHERE e.project_id = only_project AND p.status = 'active' AND p.guideline_version_id IS NOT NULL
         AND (p.access = 'members') = EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m
                         WHERE m.workspace_id = p.workspace_id AND m.user_id = person)
       ORDER BY e.number""",
    ),
    Door(
        "door_desks",
        "person uuid",
        "TABLE (workspace_id uuid, workspace varchar)",
        f"""SELECT w.id, w.name FROM rlhfhub_tenancy_workspace w WHERE w.id IN (
           SELECT e.workspace_id
           FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
           WHERE e.annotator_id = person AND p.status = 'active' AND e.state <> 'ended' AND {_SHOWN})
       ORDER BY w.name, w.id LIMIT 200""",
    ),
]
