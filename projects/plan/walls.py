"""The walls of projects, forms and guideline versions."""

from rlhfhub.tenancy.rules import ADD, READ, WS, Rule, Wall, seen_by_members, setting


def _my_projects(table: str, project: str) -> str:
    """Return SQL for the rows of the transaction's project and of projects in which this person is enrolled.

    `project` is the column of `table` that holds the project's id.
    """
    return (
        f"({project} = {setting('project')} OR EXISTS (SELECT 1 FROM projects_enrollment_enrollment e "
        f"WHERE e.project_id = {table}.{project} AND e.annotator_id = {setting('person')})) AND {WS}"
    )


WALLS: dict[str, Wall] = {
    # No UPDATE of currency, overlap, times and access: they are agreed when the project is created. A trigger changes
    # the price, with the price version that says it.
    "projects_plan_project": seen_by_members(
        "SELECT, INSERT, UPDATE (form_id, guideline_version_id, metadata_keys, calibration, calibration_since, "
        "recalibrate_days, programs, on_alarm, machine_text, taste_questions, requirement_id)",
        annotator=Rule(READ, _my_projects("projects_plan_project", "id")),
        keeper=Rule("SELECT, UPDATE (price_minor)"),
    ),
    "projects_plan_priceversion": seen_by_members(ADD, keeper=Rule(ADD)),
    "projects_plan_form": seen_by_members(
        ADD,
        annotator=Rule(READ, _my_projects("projects_plan_form", "project_id")),
        keeper=Rule("SELECT (id, asks_text)"),
    ),
    "projects_plan_requirement": seen_by_members(
        ADD,
        annotator=Rule(READ, _my_projects("projects_plan_requirement", "project_id")),
        keeper=Rule(READ),
    ),
    "projects_plan_guidelineversion": seen_by_members(
        "SELECT, INSERT, UPDATE (published_at, reading_minor, rereading_minor)",
        annotator=Rule(
            READ,
            f"{_my_projects('projects_plan_guidelineversion', 'project_id')} AND published_at IS NOT NULL",
        ),
        keeper=Rule(
            "SELECT (id, project_id, number, change, published_at, reading_minor, rereading_minor)"
        ),
    ),
}
