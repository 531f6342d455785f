"""Who is in a project went in by declared steps."""

from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "W15",
        "an enrollment goes along declared edges only: its guards stand",
        guards(
            ("edge", "projects_enrollment_enrollment"),
            ("begins", "projects_enrollment_enrollment"),
            ("accepted", "projects_enrollment_enrollment"),
        ),
    ),
    Invariant(
        "W15",
        "who is active has accepted the guidelines",
        """SELECT e.id AS enrollment, e.state FROM projects_enrollment_enrollment e
           WHERE e.state IN ('active', 'paused') AND NOT EXISTS (
               SELECT 1 FROM projects_enrollment_guidelineacceptance g WHERE g.enrollment_id = e.id)""",
    ),
)


def put_in_register() -> None:
    """Called when the apps are ready."""
    register("projects.enrollment", INVARIANTS)
