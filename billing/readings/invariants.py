"""Invariants of readings: what is set aside is what went in, less what annotators were promised."""

from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "M3",
        "a project's money for reading is what was set aside, less what was promised and not released",
        """SELECT COALESCE(b.project_id, f.project_id, r.project_id) AS project, b.free_minor, f.amount AS set_aside,
                  r.amount AS promised
           FROM billing_readings_readingbudget b
           FULL JOIN (SELECT project_id, sum(amount_minor) AS amount FROM billing_readings_readingfunding
                      GROUP BY 1) f ON f.project_id = b.project_id
           FULL JOIN (SELECT project_id, sum(amount_minor) AS amount FROM billing_readings_reading
                      WHERE state <> 'released' GROUP BY 1) r ON r.project_id = COALESCE(b.project_id, f.project_id)
           WHERE COALESCE(b.free_minor, 0) <> COALESCE(f.amount, 0) - COALESCE(r.amount, 0)""",
    ),
    Invariant(
        "M6",
        "nobody was promised more for reading a version than it pays, and each acceptance that pays was promised it",
        """SELECT g.id AS acceptance, r.id AS reading, r.amount_minor, v.reading_minor
           FROM projects_enrollment_guidelineacceptance g
           JOIN projects_plan_guidelineversion v ON v.id = g.guideline_version_id
           FULL JOIN billing_readings_reading r
             ON r.enrollment_id = g.enrollment_id AND r.guideline_version_id = g.guideline_version_id
           WHERE g.id IS NULL OR r.amount_minor > v.reading_minor
              OR r.id IS NULL AND v.reading_minor > 0 AND NOT EXISTS (
                 SELECT FROM projects_enrollment_guidelineacceptance o
                 WHERE o.enrollment_id = g.enrollment_id AND o.accepted_at < g.accepted_at)""",
    ),
    Invariant(
        "M10",
        "money for reading is set aside first, and promised with the acceptance: the guards are in place",
        guards(
            ("reading", "projects_enrollment_guidelineacceptance"),
            ("taken", "billing_readings_reading"),
            ("edge", "billing_readings_reading"),
            ("paid", "billing_readings_readingfunding"),
            ("spent", "billing_readings_readingfunding"),
            ("not_frozen", "billing_readings_readingfunding"),
            ("append_only", "billing_readings_readingfunding"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("billing.readings", INVARIANTS)
