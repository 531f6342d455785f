"""The walls of events and their deliveries."""

from rlhfhub.tenancy.rules import ANNOTATOR, ANY, READ, STAFF, SYSTEM, WORKSPACE, WS, Rule, Wall

# The columns of an insert: an event starts undispatched, and the database sets its time.
_TELL = "INSERT (id, workspace_id, kind, subject_id, data)"

WALLS: dict[str, Wall] = {
    "rlhfhub_events_event": {
        WORKSPACE: Rule(_TELL, WS),
        ANNOTATOR: Rule(_TELL, WS),
        SYSTEM: Rule(f"SELECT, {_TELL}, UPDATE (dispatched_at)", ANY),
        STAFF: Rule(f"SELECT, {_TELL}"),
    },
    "rlhfhub_events_delivery": {
        SYSTEM: Rule("SELECT, INSERT, UPDATE (attempts, error, next_at, done_at)", ANY),
        STAFF: Rule("SELECT, UPDATE (attempts, next_at, done_at)"),
    },
    "rlhfhub_events_sweepmark": {
        SYSTEM: Rule("SELECT, INSERT, UPDATE (checked)"),
        STAFF: Rule(READ),
    },
}
