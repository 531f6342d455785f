"""For each invariant that monitors, alerts and what is measured have to do with, SQL that violates it."""

from tests.security.damage import ALERT, ANNOTATION, HISTORY, SCORE, off, unguarded

# A score of an annotator's monitor, and not of a project's.
_SCORE_OF_ONE = (
    "SELECT s2.id FROM projects_quality_score s2 JOIN projects_quality_monitor m ON m.id = s2.monitor_id "
    "WHERE m.enrollment_id IS NOT NULL LIMIT 1"
)

QUALITY: dict[str, list[str]] = {
    "a submitted lease has exactly one annotation": [
        *unguarded(SCORE, f"DELETE FROM {SCORE}", "DELETE FROM projects_review_flag"),
        *unguarded(HISTORY, f"DELETE FROM {HISTORY}"),
        *unguarded("projects_review_return", "DELETE FROM projects_review_return"),
        *unguarded("projects_review_sampleanswer", "DELETE FROM projects_review_sampleanswer"),
        *unguarded("projects_review_bulkanswer", "DELETE FROM projects_review_bulkanswer"),
        "DELETE FROM projects_review_priority",
        *unguarded("projects_calibration_mark", "DELETE FROM projects_calibration_mark"),
        "DELETE FROM projects_quality_goldanswer",
        "DELETE FROM projects_quality_repeatjudgment",
        *unguarded(ANNOTATION, f"DELETE FROM {ANNOTATION} WHERE state = 'submitted'"),
    ],
    "a monitor has seen as many judgments as it has scores, and they are numbered without gaps": unguarded(
        SCORE, f"DELETE FROM {SCORE} WHERE number = 2"
    ),
    "a score is of an annotation by the monitor's annotator, that of a project's monitor of its project": unguarded(
        SCORE,
        f"UPDATE {SCORE} s SET annotation_id = (SELECT o.id FROM {ANNOTATION} a JOIN {ANNOTATION} o "
        "ON o.workspace_id = a.workspace_id AND o.enrollment_id <> a.enrollment_id "
        f"WHERE a.id = s.annotation_id LIMIT 1) WHERE id = ({_SCORE_OF_ONE})",
    ),
    "no alert stays open after its time": unguarded(
        ALERT,
        f"UPDATE {ALERT} SET opened_at = opened_at - interval '2 days', lifts_at = lifts_at - interval '2 days'",
    ),
    "scores are append-only, and an alert is decided once and not by its subject: the guards are in place": off(
        "edge", ALERT
    ),
}
