"""The walls of batches, items, keys, metadata values and imports."""

from rlhfhub.tenancy.rules import ADD, ANY, WS, Rule, Wall, seen_by_members, setting

_THIS_PROJECT = f"project_id = {setting('project')} AND {WS}"
_MY_LEASE = (
    "EXISTS (SELECT 1 FROM projects_work_lease l WHERE l.item_id = projects_items_item.id "
    f"AND l.annotator_id = {setting('person')} AND l.ended_at IS NULL) AND {WS}"
)

WALLS: dict[str, Wall] = {
    "projects_items_batch": seen_by_members(
        "SELECT, INSERT, UPDATE (status, funding, items_count, slots_count, opened_at, closed_at, overlap, "
        "share_percent, share_overlap, reserve_percent, gold_percent, repeat_percent, form_id, price_minor, fee_minor, "
        "currency, lease_minutes, auto_accept_hours)",
        annotator=Rule(
            "SELECT (id, workspace_id, project_id, number, status, phase, form_id, lease_minutes, auto_accept_hours, "
            "low_seq)",
            f"NOT is_pool AND {_THIS_PROJECT}",
        ),
        system=Rule("SELECT, UPDATE (low_seq)", ANY),
        keeper=Rule(
            "SELECT (id, workspace_id, project_id, status, slots_count, low_seq, lease_minutes, auto_accept_hours)"
        ),
    ),
    # Annotators read no column from which keyed items or repeats could be told.
    "projects_items_item": seen_by_members(
        ADD,
        annotator=Rule(
            "SELECT (id, workspace_id, project_id, prompt, responses, context)", _MY_LEASE
        ),
        # For the feedback after a calibration attempt, for answers that were rejected or sent back, and for examples.
        keeper=Rule("SELECT (id, project_id, content_key, prompt, responses, context)"),
    ),
    "projects_items_key": seen_by_members(
        "SELECT, INSERT, UPDATE (retired_at, retired_because, restored_at)",
        # Whether a key counts, but not what it says.
        keeper=Rule("SELECT (item_id, question, created_at, retired_at)"),
    ),
    "projects_items_metadatavalue": seen_by_members("SELECT, INSERT, DELETE"),
    "projects_items_import": seen_by_members(ADD),
}
