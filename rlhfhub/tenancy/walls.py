"""The walls of people, workspaces, keys and the audit trail; the doors that find a person's workspaces and keys."""

from rlhfhub.tenancy.rules import (
    ADD,
    ALL,
    ANNOTATOR,
    DOOR,
    KEEPER,
    MINE,
    READ,
    STAFF,
    SYSTEM,
    WORKSPACE,
    WS,
    Door,
    Rule,
    Wall,
    seen_by_members,
    setting,
)

# All columns of a person except the hash of their password.
_PERSON = "SELECT (id, email, name, is_active, is_staff, is_superuser, date_joined, last_login, reads_raw, side)"
_MEMBERS = f"EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m WHERE m.user_id = rlhfhub_tenancy_user.id AND m.{WS})"
_MY_TOKEN = (
    f"{MINE} AND created_by_id = {setting('person')} AND EXISTS (SELECT 1 FROM projects_enrollment_enrollment e "
    "WHERE e.workspace_id = rlhfhub_tenancy_apikey.workspace_id "
    f"AND e.annotator_id = {setting('person')})"
)

WALLS: dict[str, Wall] = {
    # People are not tenant rows: the door finds a person by email or session.
    "rlhfhub_tenancy_user": {
        # Only the owner's login says who is staff (`create_staff`).
        DOOR: Rule("SELECT, INSERT, UPDATE (password, last_login, email, name, reads_raw, side)"),
        WORKSPACE: Rule(_PERSON, _MEMBERS),
        ANNOTATOR: Rule(_PERSON, f"id = {setting('person')}"),
        STAFF: Rule(_PERSON),
        KEEPER: Rule("SELECT (id, is_active)"),
    },
    # Who used a device is stored at a sign-in, read by staff alone, and deleted some time after the last use.
    "rlhfhub_tenancy_deviceuse": {
        DOOR: Rule("SELECT (device_sha256, user_id), INSERT, UPDATE (last_at)"),
        SYSTEM: Rule("SELECT (id, last_at), DELETE"),
        STAFF: Rule(READ),
        KEEPER: Rule("SELECT (device_sha256, user_id, last_at)"),
    },
    # The keeper's triggers add pairs, and keep linked accounts from items and decisions.
    "rlhfhub_tenancy_accountpair": {
        STAFF: Rule("SELECT, UPDATE (state, note, decided_by_id, decided_at)"),
        KEEPER: Rule(ADD),
    },
    "rlhfhub_tenancy_user_groups": {STAFF: Rule(ALL), DOOR: Rule(READ)},
    "rlhfhub_tenancy_user_user_permissions": {STAFF: Rule(ALL), DOOR: Rule(READ)},
    "rlhfhub_tenancy_workspace": {
        WORKSPACE: Rule(ADD, f"id = {setting('workspace')}"),
        ANNOTATOR: Rule(READ, f"id = {setting('workspace')}"),
        SYSTEM: Rule(READ),
        STAFF: Rule(READ),
        KEEPER: Rule(READ),
    },
    "rlhfhub_tenancy_membership": seen_by_members(
        "SELECT, INSERT, UPDATE (role), DELETE", keeper=Rule(READ)
    ),
    "rlhfhub_tenancy_invitation": seen_by_members(
        "SELECT, INSERT, UPDATE (accepted_at, revoked_at)", keeper=Rule(READ)
    ),
    "rlhfhub_tenancy_apikey": seen_by_members(
        "SELECT, INSERT, UPDATE (revoked_at)",
        annotator=Rule("SELECT, INSERT, UPDATE (revoked_at)", _MY_TOKEN),
        keeper=Rule("SELECT, UPDATE (last_used_at)"),
    ),
    "rlhfhub_tenancy_auditentry": {
        WORKSPACE: Rule(ADD, WS),
        ANNOTATOR: Rule(
            "INSERT", f"actor_id = {setting('person')} AND plane = 'annotator' AND {WS}"
        ),
        SYSTEM: Rule(ADD),
        STAFF: Rule(ADD),
        DOOR: Rule("INSERT", "workspace_id IS NULL"),
    },
}

# A desk key works after its annotator's enrollments have ended, because answers that are still decided on may be
# revised, and rejections appealed against. It gives no more work then.
DOORS = [
    Door(
        "door_api_key",
        "secret_hash text",
        "TABLE (id uuid, workspace_id uuid, annotator_id uuid, created_by_id uuid, scopes text[], "
        "last_used_at timestamptz)",
        """SELECT k.id, k.workspace_id, k.annotator_id, k.created_by_id, k.scopes::text[], k.last_used_at
       FROM rlhfhub_tenancy_apikey k JOIN rlhfhub_tenancy_user u ON u.id = COALESCE(k.annotator_id, k.created_by_id)
       WHERE k.secret_sha256 = secret_hash AND k.revoked_at IS NULL AND u.is_active
         AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
         AND (k.annotator_id IS NOT NULL OR EXISTS (
             SELECT 1 FROM rlhfhub_tenancy_membership m
             WHERE m.workspace_id = k.workspace_id AND m.user_id = k.created_by_id))""",
    ),
    Door(
        "door_api_key_used",
        "key_id uuid",
        "void",
        # Called in the plane that the key leads to. A locked row is skipped: another request is writing the same time.
        """UPDATE rlhfhub_tenancy_apikey SET last_used_at = clock_timestamp()
       WHERE id = (SELECT k.id FROM rlhfhub_tenancy_apikey k
                   WHERE k.id = key_id
                     AND k.workspace_id = NULLIF(current_setting('rlhfhub.workspace', true), '')::uuid
                   FOR NO KEY UPDATE SKIP LOCKED)""",
        planes=(WORKSPACE, ANNOTATOR),
    ),
    Door(
        "door_desk_tokens",
        "person uuid, only_token uuid, before uuid, most integer",
        "TABLE (id uuid, workspace_id uuid, workspace varchar, name varchar, prefix varchar, created_at timestamptz, "
        "last_used_at timestamptz, expires_at timestamptz, revoked_at timestamptz, state text)",
        "SELECT k.id, k.workspace_id, w.name, k.name, k.prefix, k.created_at, k.last_used_at, k.expires_at, "
        """k.revoked_at,
              CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= clock_timestamp() THEN 'expired'
                   ELSE 'working' END
       FROM rlhfhub_tenancy_apikey k JOIN rlhfhub_tenancy_workspace w ON w.id = k.workspace_id
       WHERE k.annotator_id = person AND (only_token IS NULL OR k.id = only_token)
         AND (before IS NULL OR k.id < before)
       ORDER BY k.id DESC LIMIT most""",
    ),
    Door(
        "door_memberships",
        "person uuid, after_slug text, most integer",
        "TABLE (workspace_id uuid, slug varchar, name varchar, role varchar)",
        """SELECT w.id, w.slug, w.name, m.role FROM rlhfhub_tenancy_membership m
       JOIN rlhfhub_tenancy_workspace w ON w.id = m.workspace_id
       WHERE m.user_id = person AND (after_slug IS NULL OR w.slug > after_slug) ORDER BY w.slug LIMIT most""",
    ),
    Door(
        "door_membership",
        "person uuid, workspace_slug text",
        "TABLE (workspace_id uuid, role varchar)",
        """SELECT m.workspace_id, m.role FROM rlhfhub_tenancy_membership m
       JOIN rlhfhub_tenancy_workspace w ON w.id = m.workspace_id
       WHERE m.user_id = person AND w.slug = workspace_slug""",
    ),
    Door(
        "door_invitation",
        "token_hash text",
        "TABLE (id uuid, workspace_id uuid, workspace varchar, email varchar, role varchar)",
        """SELECT i.id, i.workspace_id, w.name, i.email, i.role FROM rlhfhub_tenancy_invitation i
       JOIN rlhfhub_tenancy_workspace w ON w.id = i.workspace_id
       WHERE i.token_sha256 = token_hash AND i.accepted_at IS NULL AND i.revoked_at IS NULL
         AND i.expires_at > clock_timestamp()""",
    ),
]
