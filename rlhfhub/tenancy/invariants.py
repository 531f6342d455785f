"""Invariants of tenancy: the walls are as stated, and no secret is stored in plain text."""

from collections.abc import Iterator

from django.conf import settings

from rlhfhub.ground.dsn import database
from rlhfhub.invariants import Invariant, guards, register
from rlhfhub.tenancy import inspection, links, rights

_KEY = "rlh_[A-Za-z0-9_-]{20,}"


def _login_faults() -> Iterator[str]:
    yield from inspection.login_faults(database(settings.DATABASE_URL)["USER"])
    yield from inspection.function_faults()


INVARIANTS = (
    Invariant(
        "T3", "every table has its forced policies and grants, as stated", inspection.wall_faults
    ),
    Invariant(
        "T3",
        "roles and owners are as they must be, and nothing has changed since the walls were applied",
        rights.faults,
    ),
    Invariant("T3", "no row is linked to another workspace's", links.rows_across),
    Invariant("T3", "the site's login owns nothing and passes no wall", _login_faults),
    Invariant(
        "T3",
        "a tenant row has its workspace",
        """SELECT c.relname AS of_table, a.attname AS col FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'workspace_id'
             AND NOT a.attnotnull AND NOT c.relname = ANY('{rlhfhub_tenancy_auditentry,billing_ledger_account,
                 billing_ledger_journal,billing_ledger_posting,rlhfhub_notices_notice}')""",
    ),
    Invariant(
        "T5",
        "keys and invitations are stored only as digests, passwords only as hashes",
        """SELECT 'key' AS what, id FROM rlhfhub_tenancy_apikey
           WHERE secret_sha256 !~ '^[0-9a-f]{64}$' OR length(prefix) > 10
           UNION ALL SELECT 'invitation', id FROM rlhfhub_tenancy_invitation WHERE token_sha256 !~ '^[0-9a-f]{64}$'
           UNION ALL SELECT 'password', id FROM rlhfhub_tenancy_user
           WHERE password !~ '^(argon2|pbkdf2_sha256|md5)\\$' AND password !~ '^!'""",
    ),
    Invariant(
        "T5",
        "no stored response, audit entry, event or delivery error contains an API key",
        f"""SELECT 'answer' AS what, id FROM rlhfhub_api_idempotencykey WHERE answer::text ~ '{_KEY}' OR key ~ '{_KEY}'
            UNION ALL SELECT 'audit', id FROM rlhfhub_tenancy_auditentry WHERE data::text || subject ~ '{_KEY}'
            UNION ALL SELECT 'event', id FROM rlhfhub_events_event WHERE data::text ~ '{_KEY}'
            UNION ALL SELECT 'failure', id FROM rlhfhub_events_delivery WHERE error ~ '{_KEY}'""",
    ),
    Invariant(
        "T3",
        "the audit trail is append-only, and each entry names its writer: the guards are in place",
        guards(
            ("append_only", "rlhfhub_tenancy_auditentry"),
            ("dated", "rlhfhub_tenancy_auditentry"),
            ("own_name", "rlhfhub_tenancy_auditentry"),
        ),
    ),
    Invariant(
        "T3",
        "the entries of a workspace's audit trail were written in its own planes",
        """SELECT id AS entry, plane, verb FROM rlhfhub_tenancy_auditentry
           WHERE (workspace_id IS NOT NULL AND plane NOT IN ('workspace', 'annotator', 'system'))
              OR (workspace_id IS NULL AND plane IN ('workspace', 'annotator'))""",
    ),
    Invariant(
        "T3",
        "only the owner's login makes staff: the guard is in place",
        guards(("plain", "rlhfhub_tenancy_user")),
    ),
    Invariant(
        "T3",
        "there are no large objects, because no policy guards them",
        "SELECT oid FROM pg_largeobject_metadata",
    ),
    Invariant(
        "T4",
        "a revoked key stays revoked, and annotators make their own desk keys: the guards are in place",
        guards(("stays_revoked", "rlhfhub_tenancy_apikey"), ("own_desk", "rlhfhub_tenancy_apikey")),
    ),
    Invariant(
        "T4",
        "accounts of one device are shown to staff, who alone link them: the guards are in place",
        guards(
            ("pairs", "rlhfhub_tenancy_deviceuse"),
            ("decided", "rlhfhub_tenancy_accountpair"),
            ("append_only", "rlhfhub_tenancy_accountpair"),
        ),
    ),
    Invariant(
        "M10",
        "nobody becomes a member where they are paid, or paid where they are a member: the guards are in place",
        guards(
            ("unpaid", "rlhfhub_tenancy_membership"), ("access", "projects_enrollment_enrollment")
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("rlhfhub.tenancy", INVARIANTS)
