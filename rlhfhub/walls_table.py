"""The walls between tenants, stated once: what each plane may do with each table, and which rows it sees.

A table that stands in neither WALLS nor OUTSIDE fails `manage.py check --database default` and the tests.
Policies read the row alone; the few that look into another table name one whose own policy does.
"""

from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.walls import Rule, Wall

DOOR, WORKSPACE, ANNOTATOR = Plane.DOOR, Plane.WORKSPACE, Plane.ANNOTATOR
SYSTEM, STAFF, KEEPER = Plane.SYSTEM, Plane.STAFF, Plane.KEEPER


def _setting(name: str) -> str:
    # In a sub-select it is read once a statement and not once a row.
    return f"(SELECT NULLIF(current_setting('rlhfhub.{name}', true), '')::uuid)"


WS = f"workspace_id = {_setting('workspace')}"
MINE = f"annotator_id = {_setting('person')} AND {WS}"
THIS_PROJECT = f"project_id = {_setting('project')} AND {WS}"
ANY = f"({_setting('workspace')} IS NULL OR {WS})"
READ = "SELECT"
ADD = "SELECT, INSERT"
ALL = "SELECT, INSERT, UPDATE, DELETE"
# An event is told undispatched, and dated by the database.
TELL = "INSERT (id, workspace_id, kind, subject_id, data)"
# Of a person, all but the hash of their password.
PERSON = "SELECT (id, email, name, is_active, is_staff, is_superuser, date_joined, last_login, reads_raw)"

_MY_LEASE = (
    "EXISTS (SELECT 1 FROM projects_work_lease l WHERE l.item_id = projects_items_item.id "
    f"AND l.annotator_id = {_setting('person')} AND l.ended_at IS NULL) AND {WS}"
)
_MY_PROJECT = (
    f"(id = {_setting('project')} OR EXISTS (SELECT 1 FROM projects_enrollment_enrollment e "
    f"WHERE e.project_id = projects_plan_project.id AND e.annotator_id = {_setting('person')})) AND {WS}"
)
_MY_TOKEN = (
    f"{MINE} AND created_by_id = {_setting('person')} AND EXISTS (SELECT 1 FROM projects_enrollment_enrollment e "
    "WHERE e.workspace_id = rlhfhub_tenancy_apikey.workspace_id "
    f"AND e.annotator_id = {_setting('person')})"
)
_MEMBERS = f"EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m WHERE m.user_id = rlhfhub_tenancy_user.id AND m.{WS})"
_SLOTS = f"{WS} AND (holder_id = {_setting('person')} OR (state = 'open' AND project_id = {_setting('project')}))"


def _my_projects(table: str) -> str:
    """What belongs to the project at hand, or to one this person is enrolled in."""
    return (
        f"(project_id = {_setting('project')} OR EXISTS (SELECT 1 FROM projects_enrollment_enrollment e "
        f"WHERE e.project_id = {table}.project_id AND e.annotator_id = {_setting('person')})) AND {WS}"
    )


def _my_enrollments(table: str) -> str:
    """What belongs to an enrollment of this person."""
    return (
        "EXISTS (SELECT 1 FROM projects_enrollment_enrollment e "
        f"WHERE e.id = {table}.enrollment_id AND e.annotator_id = {_setting('person')}) AND {WS}"
    )


def _of_project(workspace: str, **more: Rule) -> Wall:
    """A tenant table that annotators do not see: members by `workspace`, staff may look."""
    wall: Wall = {WORKSPACE: Rule(workspace, WS), STAFF: Rule(READ), SYSTEM: Rule(READ, ANY)}
    return {**wall, **{Plane(plane): rule for plane, rule in more.items()}}


WALLS: dict[str, Wall] = {
    # --- people and accounts: not tenant rows; the door finds a person by e-mail or session ---
    "rlhfhub_tenancy_user": {
        # Who is staff is said by the owner's login alone (`create_staff`).
        DOOR: Rule("SELECT, INSERT, UPDATE (password, last_login, email, name, reads_raw)"),
        WORKSPACE: Rule(PERSON, _MEMBERS),
        ANNOTATOR: Rule(PERSON, f"id = {_setting('person')}"),
        STAFF: Rule(PERSON),
        KEEPER: Rule("SELECT (id, is_active)"),
    },
    "django_session": {DOOR: Rule(ALL)},
    "account_emailaddress": {DOOR: Rule(ALL)},
    "account_emailconfirmation": {DOOR: Rule(ALL)},
    "annotators_profiles_profile": {
        ANNOTATOR: Rule(
            "SELECT, INSERT, UPDATE (country, languages)", f"user_id = {_setting('person')}"
        ),
        STAFF: Rule(READ),
    },
    "auth_group": {STAFF: Rule(READ), DOOR: Rule(READ)},
    "auth_permission": {STAFF: Rule(READ), DOOR: Rule(READ)},
    "auth_group_permissions": {STAFF: Rule(READ), DOOR: Rule(READ)},
    "rlhfhub_tenancy_user_groups": {STAFF: Rule(ALL), DOOR: Rule(READ)},
    "rlhfhub_tenancy_user_user_permissions": {STAFF: Rule(ALL), DOOR: Rule(READ)},
    "django_content_type": {
        plane: Rule(READ) for plane in (DOOR, WORKSPACE, ANNOTATOR, SYSTEM, STAFF)
    },
    "django_admin_log": {STAFF: Rule(ADD)},
    # --- tenancy ---
    "rlhfhub_tenancy_workspace": {
        WORKSPACE: Rule(ADD, f"id = {_setting('workspace')}"),
        ANNOTATOR: Rule(READ, f"id = {_setting('workspace')}"),
        SYSTEM: Rule(READ),
        STAFF: Rule(READ),
        KEEPER: Rule(READ),
    },
    "rlhfhub_tenancy_membership": _of_project(
        "SELECT, INSERT, UPDATE (role), DELETE", keeper=Rule(READ)
    ),
    "rlhfhub_tenancy_invitation": _of_project(
        "SELECT, INSERT, UPDATE (accepted_at, revoked_at)", keeper=Rule(READ)
    ),
    "rlhfhub_tenancy_apikey": _of_project(
        "SELECT, INSERT, UPDATE (revoked_at)",
        annotator=Rule("SELECT, INSERT, UPDATE (revoked_at)", _MY_TOKEN),
        keeper=Rule("SELECT, UPDATE (last_used_at)"),
    ),
    "rlhfhub_tenancy_auditentry": {
        WORKSPACE: Rule(ADD, WS),
        ANNOTATOR: Rule(
            "INSERT", f"actor_id = {_setting('person')} AND plane = 'annotator' AND {WS}"
        ),
        SYSTEM: Rule(ADD),
        STAFF: Rule(ADD),
        DOOR: Rule("INSERT", "workspace_id IS NULL"),
    },
    # --- events and REST ---
    "rlhfhub_events_event": {
        WORKSPACE: Rule(TELL, WS),
        ANNOTATOR: Rule(TELL, WS),
        SYSTEM: Rule(f"SELECT, {TELL}, UPDATE (dispatched_at)", ANY),
        STAFF: Rule(READ),
    },
    "rlhfhub_events_delivery": {
        SYSTEM: Rule("SELECT, INSERT, UPDATE (attempts, error, next_at, done_at)", ANY),
        STAFF: Rule("SELECT, UPDATE (attempts, next_at, done_at)"),
    },
    "rlhfhub_events_sweepmark": {
        SYSTEM: Rule("SELECT, INSERT, UPDATE (checked)"),
        STAFF: Rule(READ),
    },
    "rlhfhub_api_idempotencykey": {
        WORKSPACE: Rule("SELECT, INSERT, UPDATE (status, answer)", WS),
        SYSTEM: Rule("SELECT, DELETE", ANY),
    },
    # --- plan ---
    # What was agreed (price, currency, overlap, times, who may work) stays as it was when the project was made.
    "projects_plan_project": _of_project(
        "SELECT, INSERT, UPDATE (form_id, guideline_version_id)",
        annotator=Rule(READ, _MY_PROJECT),
        keeper=Rule(READ),
    ),
    "projects_plan_form": _of_project(
        ADD, annotator=Rule(READ, _my_projects("projects_plan_form"))
    ),
    "projects_plan_guidelineversion": _of_project(
        "SELECT, INSERT, UPDATE (published_at)",
        annotator=Rule(
            READ,
            f"{_my_projects('projects_plan_guidelineversion')} AND published_at IS NOT NULL",
        ),
    ),
    # --- items ---
    "projects_items_batch": _of_project(
        "SELECT, INSERT, UPDATE (status, funding, items_count, opened_at, closed_at)",
        annotator=Rule(READ, THIS_PROJECT),
        system=Rule("SELECT, UPDATE (low_seq)", ANY),
        keeper=Rule("SELECT (id, project_id, status, low_seq)"),
    ),
    "projects_items_item": _of_project(ADD, annotator=Rule(READ, _MY_LEASE)),
    "projects_items_import": _of_project(ADD),
    # --- enrollment ---
    "projects_enrollment_enrollment": _of_project(
        "SELECT, UPDATE (state)",
        annotator=Rule("SELECT, INSERT, UPDATE (state)", MINE),
        keeper=Rule(READ),
    ),
    "projects_enrollment_guidelineacceptance": _of_project(
        READ, annotator=Rule(ADD, _my_enrollments("projects_enrollment_guidelineacceptance"))
    ),
    "projects_enrollment_clearance": _of_project(
        READ, annotator=Rule(ADD, _my_enrollments("projects_enrollment_clearance"))
    ),
    # --- work ---
    "projects_work_slot": _of_project(
        "SELECT, INSERT, UPDATE (state)",
        annotator=Rule("SELECT, UPDATE (state, holder_id, seq)", _SLOTS),
        system=Rule("SELECT, UPDATE (state, holder_id, seq)", ANY),
        keeper=Rule("SELECT, UPDATE (state, holder_id, seq)"),
    ),
    "projects_work_lease": _of_project(
        READ,
        annotator=Rule(
            "SELECT, INSERT, UPDATE (ended_at, ended_as, return_reason, return_note)", MINE
        ),
        system=Rule("SELECT, UPDATE (ended_at, ended_as)", ANY),
        keeper=Rule("SELECT, UPDATE (ended_at, ended_as)"),
    ),
    "projects_work_draft": {
        ANNOTATOR: Rule("SELECT, INSERT, UPDATE (answer, saved_at), DELETE", MINE),
        SYSTEM: Rule("SELECT, DELETE", ANY),
        KEEPER: Rule("SELECT, DELETE"),
    },
    "projects_work_cursor": {
        ANNOTATOR: Rule("SELECT, INSERT, UPDATE (seq, wrapped_at)", MINE),
        SYSTEM: Rule(READ, ANY),
    },
    "projects_work_annotation": _of_project(
        "SELECT, UPDATE (state)",
        annotator=Rule(ADD, MINE),
        system=Rule("SELECT, UPDATE (state)", ANY),
        # What it earned, never what it says.
        keeper=Rule(
            "SELECT (id, enrollment_id, price_minor, currency, state, submitted_at, decide_by)"
        ),
    ),
    # --- review, quality, exports ---
    "projects_review_decision": _of_project(ADD, system=Rule(ADD, ANY)),
    "projects_quality_consensus": _of_project(
        "SELECT, INSERT, UPDATE (first, tie, second, label, probability, updated_at)"
    ),
    "projects_quality_agreementsnapshot": _of_project("SELECT, INSERT, DELETE"),
    "projects_quality_stale": _of_project("SELECT, INSERT, DELETE"),
    "projects_exports_export": _of_project(
        "SELECT, INSERT, UPDATE (state, rows, rows_written, counts, manifest, sha256, folder, error, attempts, "
        "frozen_at, beat_at, finished_at)"
    ),
    "projects_exports_exportrow": _of_project(ADD),
    # --- money: accounts change by a trigger alone, postings never; `ledger_kinds()` says who posts what ---
    "billing_ledger_account": {
        WORKSPACE: Rule(ADD, f"{WS} AND person_id IS NULL"),
        ANNOTATOR: Rule(READ, f"person_id = {_setting('person')}"),
        SYSTEM: Rule(ADD),
        STAFF: Rule(ADD),
        KEEPER: Rule("SELECT, UPDATE (balance_minor)"),
    },
    "billing_ledger_journal": {
        WORKSPACE: Rule(ADD, WS),
        SYSTEM: Rule(ADD),
        STAFF: Rule(ADD),
        KEEPER: Rule("SELECT (id, workspace_id, kind)"),
    },
    "billing_ledger_posting": {
        WORKSPACE: Rule(ADD, f"{WS} AND person_id IS NULL"),
        ANNOTATOR: Rule(READ, f"person_id = {_setting('person')}"),
        SYSTEM: Rule(ADD),
        STAFF: Rule(ADD),
        KEEPER: Rule(READ),
    },
    "billing_funding_funding": _of_project(
        "SELECT, INSERT, UPDATE (next_seq, items_done, state, finished_at)",
        keeper=Rule("SELECT, UPDATE (slots)"),
    ),
}

# Tables no plane may touch, each with its reason.
OUTSIDE = {"django_migrations": "read and written by migrations, as the owner"}
