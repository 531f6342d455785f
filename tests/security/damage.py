"""The tables that the damages of `damages.py` are done to, and the means: guards and keys taken away."""

ANNOTATION, LEASE, SLOT = "projects_work_annotation", "projects_work_lease", "projects_work_slot"
HISTORY = "projects_work_annotationhistory"
ITEM, BATCH, DECISION = "projects_items_item", "projects_items_batch", "projects_review_decision"
SOURCE = "projects_review_source"
APPEAL, LIMIT = "projects_review_appeal", "projects_review_rejectlimit"
ADJUDICATION = "projects_review_adjudication"
EXPORT, ROW = "projects_exports_export", "projects_exports_exportrow"
ACCOUNT, JOURNAL, POSTING = (f"billing_ledger_{name}" for name in ("account", "journal", "posting"))
SCORE, ALERT = "projects_quality_score", "projects_quality_alert"
FUNDING, REPLACEMENT = "billing_funding_funding", "billing_funding_replacement"
MEMBER, ENROLLMENT = "rlhfhub_tenancy_membership", "projects_enrollment_enrollment"
CHANGE = "projects_enrollment_enrollmentchange"
ATTEMPT = "projects_calibration_attempt"
AUDIT, KEY = "rlhfhub_tenancy_auditentry", "rlhfhub_tenancy_apikey"


def unguarded(table: str, *statements: str) -> list[str]:
    """Run the statements with the table's own triggers disabled."""
    return [f"ALTER TABLE {table} DISABLE TRIGGER USER", *statements]


def without(table: str, *constraints: str) -> list[str]:
    return [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for name in constraints]


def copy(table: str, where: str, changes: str = "'{}'") -> str:
    """Insert a copy of one of these rows under a new id."""
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(r) || "
        f"jsonb_build_object('id', gen_random_uuid()) || {changes}::jsonb)).* FROM {table} r WHERE {where} LIMIT 1"
    )


def off(trigger: str, table: str) -> list[str]:
    return [f"ALTER TABLE {table} DISABLE TRIGGER {trigger}"]


TWIN_ANNOTATION = [
    *without(ANNOTATION, "annotation_slot_once", "annotation_lease_once"),
    *unguarded(ANNOTATION, copy(ANNOTATION, "true")),
]
NO_LAW = [
    f"DROP INDEX {name}" for name in ("lease_slot_live_once", "lease_live_once", "lease_item_once")
]
UNDONE = unguarded(
    ANNOTATION, f"UPDATE {ANNOTATION} SET state = 'submitted' WHERE state = 'accepted'"
)
DEARER = unguarded(SLOT, f"UPDATE {SLOT} SET price_minor = price_minor + 1")
PAID_MEMBER = unguarded(
    MEMBER,
    f"INSERT INTO {MEMBER} (id, workspace_id, user_id, role, created_at) "
    # Every annotator: some have answered nothing yet, and a query for one row might find them.
    "SELECT gen_random_uuid(), workspace_id, annotator_id, 'viewer', '2020-01-01' "
    f"FROM (SELECT DISTINCT workspace_id, annotator_id FROM {ENROLLMENT}) at_work ON CONFLICT DO NOTHING",
)
