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
        "W15",
        "only a person pauses or ends an enrollment: its triggers are enabled",
        guards(
            ("by_person", "projects_enrollment_enrollment"),
            ("begins", "projects_enrollment_enrollmentchange"),
            ("changed", "projects_enrollment_enrollmentchange"),
            ("append_only", "projects_enrollment_enrollmentchange"),
            ("replied", "projects_enrollment_enrollmentreply"),
            ("read", "projects_enrollment_enrollmentreply"),
            ("append_only", "projects_enrollment_enrollmentreply"),
        ),
    ),
    Invariant(
        "W15",
        "an enrollment is paused or ended exactly if the last change of it by a person says so",
        """SELECT e.id AS enrollment, e.state, last.to_state FROM projects_enrollment_enrollment e
           LEFT JOIN LATERAL (
               SELECT c.to_state FROM projects_enrollment_enrollmentchange c
               WHERE c.enrollment_id = e.id ORDER BY c.at DESC, c.id DESC LIMIT 1) last ON true
           WHERE (e.state IN ('paused', 'ended') OR last.to_state IN ('paused', 'ended'))
             AND e.state IS DISTINCT FROM last.to_state""",
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
        "no example has a known right answer: the triggers are enabled",
        guards(("open", "projects_enrollment_example"), ("no_example", "projects_items_key")),
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
