"""For each invariant of monitors and alerts, SQL that violates it."""

from tests.security.damage import ALERT, ANNOTATION, SCORE, off, unguarded

QUALITY: dict[str, list[str]] = {
    "a monitor has seen as many judgments as it has scores, and they are numbered without gaps": unguarded(
        SCORE, f"DELETE FROM {SCORE} WHERE number = 2"
    ),
    "a score is of an annotation by the monitor's annotator": unguarded(
        SCORE,
        f"UPDATE {SCORE} s SET annotation_id = (SELECT o.id FROM {ANNOTATION} a JOIN {ANNOTATION} o "
        "ON o.workspace_id = a.workspace_id AND o.enrollment_id <> a.enrollment_id "
        "WHERE a.id = s.annotation_id LIMIT 1) WHERE id = (SELECT id FROM projects_quality_score LIMIT 1)",
    ),
    "no alert stays open after its time": unguarded(
        ALERT,
        f"UPDATE {ALERT} SET opened_at = opened_at - interval '2 days', lifts_at = lifts_at - interval '2 days'",
    ),
    "scores are append-only, and an alert is decided once and not by its subject: the guards are in place": off(
        "edge", ALERT
    ),
}
