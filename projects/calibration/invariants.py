"""Invariants of calibration: attempts count their marks, and nobody works on the data who has not passed."""

from projects.work.lease_invariants import SKEW
from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "W6",
        "a calibration attempt has counted its marks",
        """SELECT a.id AS attempt, a.seen, a.hits, m.seen AS marked, m.hits AS hit FROM projects_calibration_attempt a
           CROSS JOIN LATERAL (
               SELECT count(*) AS seen, count(*) FILTER (WHERE m.hit) AS hits FROM projects_calibration_mark m
               WHERE m.attempt_id = a.id AND m.counted) m
           WHERE (a.seen, a.hits) <> (m.seen, m.hits)""",
    ),
    Invariant(
        "W6",
        "who is cleared for main work since the project asks for calibration has passed a round, or was cleared before",
        """SELECT c.id AS clearance, c.enrollment_id AS enrollment FROM projects_enrollment_clearance c
           JOIN projects_plan_guidelineversion v ON v.id = c.guideline_version_id
           JOIN projects_plan_project p ON p.id = v.project_id
           WHERE c.phase = 'main' AND p.calibration = 'required' AND c.cleared_at >= p.calibration_since
             AND NOT EXISTS (SELECT 1 FROM projects_calibration_attempt a
                             WHERE a.enrollment_id = c.enrollment_id AND a.state = 'passed')
             AND NOT EXISTS (SELECT 1 FROM projects_enrollment_clearance b
                             WHERE b.enrollment_id = c.enrollment_id AND b.phase = 'main'
                               AND b.cleared_at < p.calibration_since)""",
    ),
    Invariant(
        "W6",
        "a lease for calibration is in the batch of an attempt, and made while the attempt ran",
        f"""SELECT l.id AS lease FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id
            WHERE l.phase = 'calibration' AND NOT EXISTS (
                SELECT 1 FROM projects_calibration_attempt a
                WHERE a.enrollment_id = l.enrollment_id AND a.batch_id = s.batch_id
                  AND a.began_at <= l.leased_at + {SKEW}
                  AND (a.decided_at IS NULL OR l.leased_at <= a.decided_at + {SKEW}))""",
    ),
    Invariant(
        "W6",
        "only a running attempt allows leases for calibration, and those in its own batch",
        """SELECT c.id AS clearance FROM projects_enrollment_clearance c
           WHERE c.batch_id IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM projects_calibration_attempt a
               WHERE a.enrollment_id = c.enrollment_id AND a.batch_id = c.batch_id AND a.state = 'running')""",
    ),
    Invariant(
        "W6",
        "a round has drawn the items of both attempts, and its slots are on these items",
        """SELECT r.id AS round, n.number FROM projects_calibration_round r CROSS JOIN (VALUES (1), (2)) n (number)
           JOIN projects_items_batch b ON b.id = CASE n.number WHEN 1 THEN r.batch_id ELSE r.retake_batch_id END
           WHERE (SELECT count(*) FROM projects_calibration_rounditem i
                  WHERE i.round_id = r.id AND i.attempt = n.number) <> r.items
              OR EXISTS (SELECT 1 FROM projects_work_slot s WHERE s.batch_id = b.id AND (
                  s.purpose <> 'calibration' OR NOT EXISTS (
                      SELECT 1 FROM projects_calibration_rounditem i
                      WHERE i.round_id = r.id AND i.attempt = n.number AND i.item_id = s.item_id)))""",
    ),
    Invariant(
        "W15",
        "rounds, attempts and marks change along declared edges only: the triggers are enabled",
        guards(
            ("edge", "projects_calibration_round"),
            ("made", "projects_calibration_round"),
            ("append_only", "projects_calibration_round"),
            ("made", "projects_calibration_rounditem"),
            ("append_only", "projects_calibration_rounditem"),
            ("edge", "projects_calibration_attempt"),
            ("decided", "projects_calibration_attempt"),
            ("append_only", "projects_calibration_attempt"),
            ("attempt_left", "projects_enrollment_enrollment"),
            ("calibration_off", "projects_plan_project"),
            ("made", "projects_calibration_mark"),
            ("append_only", "projects_calibration_mark"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called from the AppConfig's ready()."""
    register("projects.calibration", INVARIANTS)
