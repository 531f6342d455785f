"""Invariants of quality: each judgment enters a monitor once, and no alert stays undecided after its time."""

from rlhfhub.invariants import Invariant, guards, register

# The task runs every few seconds, so an alert that is open for this long means that it has stopped.
LIFTED_WITHIN = "interval '10 minutes'"

INVARIANTS = (
    Invariant(
        "W21",
        "a monitor has seen as many judgments as it has scores, and they are numbered without gaps",
        """SELECT m.id AS monitor, m.seen, count(s.id) AS scores, max(s.number) AS newest
           FROM projects_quality_monitor m LEFT JOIN projects_quality_score s ON s.monitor_id = m.id
           WHERE m.enrollment_id IS NOT NULL GROUP BY m.id
           HAVING m.seen <> count(s.id) OR m.seen <> COALESCE(max(s.number), 0)""",
    ),
    Invariant(
        "W21",
        "a score is of an annotation by the monitor's annotator, that of a project's monitor of its project",
        """SELECT s.id AS score FROM projects_quality_score s
           JOIN projects_quality_monitor m ON m.id = s.monitor_id
           JOIN projects_work_annotation a ON a.id = s.annotation_id
           WHERE a.enrollment_id <> m.enrollment_id
              OR a.project_id <> m.project_id""",
    ),
    Invariant(
        "W22",
        "no alert stays open after its time",
        f"""SELECT id AS alert, lifts_at FROM projects_quality_alert
            WHERE state = 'open' AND lifts_at + {LIFTED_WITHIN} < clock_timestamp()""",
    ),
    Invariant(
        "W22",
        "scores are append-only, and an alert is decided once and not by its subject: the guards are in place",
        guards(
            ("append_only", "projects_quality_score"),
            ("counts", "projects_quality_monitor"),
            ("opened", "projects_quality_alert"),
            ("edge", "projects_quality_alert"),
            ("append_only", "projects_quality_alert"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("projects.quality", INVARIANTS)
