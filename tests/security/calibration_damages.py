"""For each invariant of calibration, SQL that violates it; see damages.py."""

from tests.security.damage import ATTEMPT, off, unguarded

CALIBRATION: dict[str, list[str]] = {
    "no annotator clears themself where the project asks for calibration: the trigger is enabled": off(
        "given", "projects_enrollment_clearance"
    ),
    "a calibration attempt has counted its marks": unguarded(
        ATTEMPT, f"UPDATE {ATTEMPT} SET seen = seen + 1"
    ),
    "who is cleared for main work since the project asks for calibration has passed a round, or was cleared before": [
        "UPDATE projects_plan_project SET calibration = 'required', calibration_since = '2020-01-01'"
    ],
    "a lease for calibration is in the batch of an attempt, and made while the attempt ran": unguarded(
        ATTEMPT, f"UPDATE {ATTEMPT} SET began_at = now() + interval '1 day'"
    ),
    "only a running attempt allows leases for calibration, and those in its own batch": unguarded(
        ATTEMPT, f"UPDATE {ATTEMPT} SET state = 'left', decided_at = now()"
    ),
    "a round has drawn the items of both attempts, and its slots are on these items": unguarded(
        "projects_calibration_rounditem",
        "DELETE FROM projects_calibration_rounditem WHERE position = 1",
    ),
    "rounds, attempts and marks change along declared edges only: the triggers are enabled": off(
        "edge", "projects_calibration_round"
    ),
}
