"""Invariants of enrollments: states change along declared edges, and active annotators accepted guidelines."""

from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "W15",
        "an enrollment changes state along declared edges only: its triggers are enabled",
        guards(
            ("edge", "projects_enrollment_enrollment"),
            ("begins", "projects_enrollment_enrollment"),
            ("accepted", "projects_enrollment_enrollment"),
        ),
    ),
    Invariant(
        "W6",
        "no annotator clears themself where the project asks for calibration: the trigger is enabled",
        guards(("given", "projects_enrollment_clearance")),
    ),
    Invariant(
        "W15",
        "who accepts guidelines attests to write themselves, where that is asked for: the trigger is enabled",
        guards(("attested", "projects_enrollment_guidelineacceptance")),
    ),
    Invariant(
        "W7",
        "no sample has a known right answer: the triggers are enabled",
        guards(("open", "projects_enrollment_sample"), ("no_sample", "projects_items_key")),
    ),
    Invariant(
        "W6",
        "nobody is eligible who does not meet what the project asks for: the triggers are enabled",
        guards(
            ("met", "projects_enrollment_eligibility"),
            ("unsettles", "annotators_profiles_profile"),
        ),
    ),
    Invariant(
        "W15",
        "an annotator who is active or paused has accepted guidelines",
        """SELECT e.id AS enrollment, e.state FROM projects_enrollment_enrollment e
           WHERE e.state IN ('active', 'paused') AND NOT EXISTS (
               SELECT 1 FROM projects_enrollment_guidelineacceptance g WHERE g.enrollment_id = e.id)""",
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called from the AppConfig's ready()."""
    register("projects.enrollment", INVARIANTS)
