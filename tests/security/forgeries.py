"""False records that a plane could try to write by plain SQL; the database must refuse each of them.

A forgery is one or more statements under the site's own login; the test's `facts` give the values of `%(…)s`.
"""

from rlhfhub.tenancy.planes import Plane
from tests.security import forgeries_of_deposits as deposits
from tests.security import forgeries_of_payouts as payouts
from tests.security.acts import END, account, annotation, decision, journal, lease, note, slot

Acts = dict[str, tuple[str, ...]]
USER = "INSERT INTO rlhfhub_tenancy_user (id, password, email, name, is_staff, is_superuser, is_active, date_joined) "

WORKSPACE: Acts = {
    **deposits.WORKSPACE,
    "another's free balance": journal("fund", (("free_b", -100), ("free_a", 100))),
    "the platform's cash": journal("fund", (("cash", -100), ("free_a", 100))),
    "a deposit": journal("deposit", (("cash", -100), ("free_a", 100))),
    "an accrual": journal("accrual", (("budget", -100), ("free_a", 100))),
    "a journal of no kind": journal("gift", (("budget", -100), ("free_a", 100))),
    "a fund turned round": journal("fund", (("budget", -1), ("free_a", 1))),
    "a cause of another kind": journal(
        "fund", (("free_a", -1), ("budget", 1)), "'accrual:' || %(waiting)s"
    ),
    "more lines to a journal that stands": (
        journal("fund", (("free_a", -1), ("budget", 1)))[1].replace("%(journal)s", "%(old)s"),
    ),
    "a platform's account of one's own": (account("platform_cash", "USD"),),
    "revenue of one's own": (account("platform_revenue", "EUR"),),
    "an account of no kind": (account("treasure", "USD"),),
    "an account born with money": (account("workspace_available", "GBP", 1_000_000),),
    "a balance": ("UPDATE billing_ledger_account SET balance_minor = 1 WHERE id = %(free_a)s",),
    "an account's currency": (
        "UPDATE billing_ledger_account SET currency = 'KWD' WHERE id = %(free_a)s",
    ),
    "a slot more": (slot("batch"),),
    "a slot in a draft": (slot("draft"),),
    "a slot's price": ("UPDATE projects_work_slot SET price_minor = 1 WHERE id = %(open_slot)s",),
    "a funding run without money": (
        "INSERT INTO billing_funding_funding (id, workspace_id, batch_id, purpose, state, overlap, share_overlap, "
        "shared_items, seed, slots_paid, reserve_slots, price_minor, fee_minor, currency, next_seq, last_seq, items, "
        "items_done, created_at) "
        "SELECT gen_random_uuid(), b.workspace_id, b.id, 'plan', 'running', b.overlap, b.share_overlap, 0, 1, "
        "b.items_count * b.overlap, (b.items_count * b.overlap * b.reserve_percent + 99) / 100, "
        "p.price_minor, 5, p.currency, 1, 1, b.items_count, 0, now() "
        "FROM projects_items_batch b JOIN projects_plan_project p ON p.id = b.project_id WHERE b.id = %(draft)s",
    ),
    "a run of the reserve that moves no money": (
        "INSERT INTO billing_funding_funding (id, workspace_id, batch_id, purpose, state, overlap, share_overlap, "
        "shared_items, seed, slots_paid, reserve_slots, price_minor, fee_minor, currency, next_seq, last_seq, items, "
        "items_done, created_at) "
        "SELECT gen_random_uuid(), b.workspace_id, b.id, 'reserve', 'running', 1, 3, 0, 0, 1, 0, "
        "b.price_minor, b.fee_minor, b.currency, 1, 0, 1, 1, now() FROM projects_items_batch b WHERE b.id = %(batch)s",
    ),
    "a run's price": ("UPDATE billing_funding_funding SET price_minor = 1, fee_minor = 0",),
    "a run's count of slots": ("UPDATE billing_funding_funding SET slots = 0",),
    "a price version that skips one": (
        "INSERT INTO projects_plan_priceversion (id, workspace_id, project_id, number, price_minor, because) "
        "SELECT gen_random_uuid(), p.workspace_id, p.id, 9, 1, '' FROM projects_items_batch b "
        "JOIN projects_plan_project p ON p.id = b.project_id WHERE b.id = %(draft)s",
    ),
    "a batch that is funded": (
        "UPDATE projects_items_batch SET funding = 'funded' WHERE id = %(draft)s",
    ),
    "a batch that is being funded": (
        "UPDATE projects_items_batch SET funding = 'running' WHERE id = %(draft)s",
    ),
    "a batch that is funded no more": (
        "UPDATE projects_items_batch SET funding = 'none' WHERE id = %(funded)s",
    ),
    "a batch that is born funded": (
        "INSERT INTO projects_items_batch SELECT (jsonb_populate_record(b, jsonb_build_object('id', "
        "gen_random_uuid(), 'number', 99))).* FROM projects_items_batch b WHERE id = %(funded)s",
    ),
    "a funded batch's price": (
        "UPDATE projects_items_batch SET price_minor = 1 WHERE id = %(funded)s",
    ),
    "a funded batch's plan": ("UPDATE projects_items_batch SET overlap = 1 WHERE id = %(funded)s",),
    "an open batch without money": (
        "UPDATE projects_items_batch SET status = 'open', opened_at = now() WHERE id = %(draft)s",
    ),
    "a project's price": ("UPDATE projects_plan_project SET price_minor = 1",),
    "a project's access": ("UPDATE projects_plan_project SET access = 'members'",),
    "the workspace's currency": ("UPDATE rlhfhub_tenancy_workspace SET currency = 'KWD'",),
    "a slot taken from its holder": (
        "UPDATE projects_work_slot SET state = 'open' WHERE id = %(held_slot)s",
    ),
    "a slot filled by nobody": (
        "UPDATE projects_work_slot SET state = 'filled' WHERE id = %(held_slot)s",
    ),
    "a slot cancelled in an open batch": (
        "UPDATE projects_work_slot SET state = 'cancelled' WHERE id = %(open_slot)s",
    ),
    "acceptance without a decision": (
        "UPDATE projects_work_annotation SET state = 'accepted' WHERE id = %(waiting)s",
    ),
    "rejection without a decision": (
        "UPDATE projects_work_annotation SET state = 'rejected' WHERE id = %(waiting)s",
    ),
    "a return without its note": (
        "UPDATE projects_work_annotation SET state = 'returned' WHERE id = %(waiting)s",
    ),
    "an answer's history": ("DELETE FROM projects_work_annotationhistory",),
    "a decision that accepts nothing": (
        decision("person", "%(owner)s")[0].partition("(")[2].partition(" RETURNING")[0],
    ),
    "a decision of the clock": decision("clock", "NULL"),
    "a stranger's decision": decision("person", "%(stranger)s"),
    "yesterday's decision": decision("person", "%(owner)s", "now() - interval '1 day'"),
    "an answer": ("UPDATE projects_work_annotation SET answer = '{}' WHERE id = %(waiting)s",),
    "somebody's enrollment": (
        "INSERT INTO projects_enrollment_enrollment (id, workspace_id, project_id, annotator_id, pseudonym, state, "
        "created_at) VALUES (gen_random_uuid(), %(a)s, %(project)s, %(stranger)s, 'A-FORGED', 'onboarding', now())",
    ),
    "somebody's clearance": (
        "INSERT INTO projects_enrollment_clearance SELECT (jsonb_populate_record(c, jsonb_build_object('id', "
        "gen_random_uuid()))).* FROM projects_enrollment_clearance c LIMIT 1",
    ),
    "a key to somebody's desk": (
        "INSERT INTO rlhfhub_tenancy_apikey (id, workspace_id, name, prefix, secret_sha256, scopes, annotator_id, "
        "created_by_id, created_at) VALUES (gen_random_uuid(), %(a)s, 'x', 'rlh_x', 'f', '{desk}', %(person)s, "
        "%(person)s, now())",
    ),
    "a key's scopes": ("UPDATE rlhfhub_tenancy_apikey SET scopes = '{read,write,export}'",),
    "a membership given away": (
        "UPDATE rlhfhub_tenancy_membership SET user_id = %(stranger)s WHERE user_id = %(owner)s",
    ),
    "an export born finished": (
        "INSERT INTO projects_exports_export SELECT (jsonb_populate_record(e, jsonb_build_object('id', "
        "gen_random_uuid(), 'number', 99))).* FROM projects_exports_export e WHERE state = 'finished' LIMIT 1",
    ),
    "an event nobody is told of": (
        "INSERT INTO rlhfhub_events_event (id, workspace_id, kind, subject_id, data, dispatched_at) "
        "VALUES (gen_random_uuid(), %(a)s, 'x', %(a)s, '{}', now())",
    ),
    "a note of staff": note("staff", "%(a)s", "%(staff)s"),
    "a note of a stranger": note("workspace", "%(a)s", "%(stranger)s"),
    "a note of nobody's": note("workspace", "NULL", "NULL"),
    "members' passwords": ("SELECT password FROM rlhfhub_tenancy_user",),
    "somebody staff": ("UPDATE rlhfhub_tenancy_user SET is_staff = true",),
    "sessions": ("SELECT session_key FROM django_session",),
    "addresses": ("SELECT email FROM account_emailaddress",),
}

# If the plane has a person, as in every request, no other actor may be recorded.
IN_THE_OWNERS_NAME: Acts = {
    **deposits.IN_THE_OWNERS_NAME,
    "a note of a colleague": note("workspace", "%(a)s", "%(viewer)s"),
    "a colleague's decision": decision("person", "%(viewer)s"),
    "a colleague's journal": (
        journal("fund", ())[0]
        .replace("note, at)", "note, at, actor_id)")
        .replace("timestamp())", "timestamp(), %(viewer)s)"),
    ),
}

ANNOTATOR: Acts = {
    "an answer born accepted": annotation("'state', 'accepted'"),
    "an answer to be accepted at once": annotation("'decide_by', now()"),
    "yesterday's answer": annotation(
        "'submitted_at', now() - interval '1 day', 'decide_by', "
        "now() - interval '1 day' + p.auto_accept_hours * interval '1 hour'"
    ),
    "a lease submitted without an answer": (
        f"UPDATE projects_work_lease SET {END} 'submitted' WHERE id = %(lease)s",
    ),
    "a lease revoked by oneself": (
        f"UPDATE projects_work_lease SET {END} 'revoked' WHERE id = %(lease)s",
    ),
    "a lease returned yesterday": (
        "UPDATE projects_work_lease SET ended_at = now() - interval '1 day', ended_as = 'returned' "
        "WHERE id = %(lease)s",
    ),
    "a lease for a year": lease("'expires_at', now() + interval '1 year'"),
    "a lease under another form": lease("'form_id', gen_random_uuid()"),
    "a lease of another phase": lease("'phase', 'calibration'"),
    "a lease that hides a response": lease("'shown', '{0}', 'keys', '{k}'"),
    "an answer whose judgments have no values": annotation("'judged', '{}'"),
    "an answer set aside": annotation("'set_aside', true"),
    "a lease of yesterday": lease("'leased_at', now() - interval '1 day'"),
    "a lease that has ended": lease("'ended_at', now(), 'ended_as', 'expired'"),
    "a place at the end of the queue": (
        "UPDATE projects_work_slot SET seq = seq + 1000 WHERE id = %(open_slot)s",
    ),
    "a slot cancelled": (
        "UPDATE projects_work_slot SET state = 'cancelled' WHERE id = %(open_slot)s",
    ),
    "one's own price": ("UPDATE projects_work_slot SET price_minor = 1000",),
    "acceptance of one's own": ("UPDATE projects_work_annotation SET state = 'accepted'",),
    "money": (account("annotator_payable", "USD"),),
    **payouts.ANNOTATOR,
    "one's own password": ("SELECT password FROM rlhfhub_tenancy_user",),
    "a note of the workspace": note("workspace", "%(a)s", "%(person)s"),
    # What would tell gold and repeats from other items.
    "what a slot is for": ("SELECT purpose FROM projects_work_slot",),
    "how often an item was shown before": ("SELECT number FROM projects_work_slot",),
    "what paid for a slot": ("SELECT funding_id FROM projects_work_slot",),
    "what one's own answer was for": ("SELECT purpose FROM projects_work_annotation",),
    "what one's own answer is for": (
        annotation("'seconds', 1")[0]
        .replace("projects_work_annotation (id,", "projects_work_annotation (purpose, id,")
        .replace(") SELECT id,", ") SELECT 'data', id,", 1),
    ),
    "which batch an item is in": ("SELECT batch_id FROM projects_items_item",),
    "an item's name": ("SELECT external_id FROM projects_items_item",),
    "an item's metadata": ("SELECT metadata FROM projects_items_item",),
    "what an item repeats": ("SELECT repeat_of_id FROM projects_items_item",),
    "which batch is the pool": ("SELECT is_pool FROM projects_items_batch",),
    "the right answers": ("SELECT id FROM projects_items_key",),
}

# An event that no signature vouches for.
STRIPE_EVENT = (
    "INSERT INTO billing_stripe_inboundevent (id, endpoint, event_id, type, account, object_kind, object_id, "
    "happened_at) VALUES (gen_random_uuid(), 'platform', 'evt_forged', 'x', '', '', '', now())",
)

SYSTEM: Acts = {
    **deposits.SYSTEM,
    "an event of Stripe": STRIPE_EVENT,
    "a dead event of Stripe that waits": (
        "UPDATE billing_stripe_inboundevent SET state = 'waiting', ended_at = NULL WHERE state = 'dead'",
    ),
    "what an event of Stripe is about": ("UPDATE billing_stripe_inboundevent SET object_id = 'x'",),
    **payouts.SYSTEM,
    "a slot": (slot("batch"),),
    "a fund": journal("fund", (("free_a", -1), ("budget", 1))),
    "a deposit": journal("deposit", (("cash", -1), ("free_a", 1))),
    "revenue from a free balance": journal("accrual", (("free_a", -1), ("revenue", 1))),
    "a purse of nobody": (
        "INSERT INTO billing_ledger_account (id, kind, currency, balance_minor) "
        "VALUES (gen_random_uuid(), 'annotator_payable', 'USD', 0)",
    ),
    "acceptance without a decision": (
        "UPDATE projects_work_annotation SET state = 'accepted' WHERE id = %(waiting)s",
    ),
    "the clock before its time": decision("clock", "NULL"),
    "a person's decision": decision("person", "%(owner)s"),
    "a lease submitted": (
        f"UPDATE projects_work_lease SET {END} 'submitted' WHERE id = %(lease)s",
    ),
    "a slot filled": ("UPDATE projects_work_slot SET state = 'filled' WHERE id = %(held_slot)s",),
    "a batch funded": ("UPDATE projects_items_batch SET funding = 'funded' WHERE id = %(draft)s",),
    "an event changed": ("UPDATE rlhfhub_events_event SET data = '{}'",),
    "a note of somebody": note("system", "%(a)s", "%(owner)s"),
    "passwords": ("SELECT password FROM rlhfhub_tenancy_user",),
}

STAFF: Acts = {
    **deposits.STAFF,
    **payouts.STAFF,
    "an event of Stripe": STRIPE_EVENT,
    "an event of Stripe that is done": (
        "UPDATE billing_stripe_inboundevent SET state = 'done', ended_at = now() WHERE state = 'waiting'",
    ),
    "an accrual": journal("accrual", (("budget", -1), ("revenue", 1))),
    "a deposit from a workspace": journal("deposit", (("free_b", -1), ("free_a", 1))),
    "a batch's money": journal("release", (("budget", -1), ("free_a", 1))),
    "somebody staff": ("UPDATE rlhfhub_tenancy_user SET is_staff = true",),
    "passwords": ("SELECT password FROM rlhfhub_tenancy_user",),
    "sessions": ("SELECT session_key FROM django_session",),
    "a delivery": ("UPDATE rlhfhub_events_delivery SET handler = 'another'",),
    "a note of somebody": note("staff", "NULL", "%(owner)s"),
}

DOOR: Acts = {
    "an event of Stripe": STRIPE_EVENT,
    "events of Stripe": ("SELECT event_id FROM billing_stripe_inboundevent",),
    "staff": (
        USER + "VALUES (gen_random_uuid(), '!', 'x@x.example', '', true, false, true, now())",
    ),
    "a superuser": (
        USER + "VALUES (gen_random_uuid(), '!', 'x@x.example', '', false, true, true, now())",
    ),
    "somebody staff": ("UPDATE rlhfhub_tenancy_user SET is_staff = true",),
    "somebody superuser": ("UPDATE rlhfhub_tenancy_user SET is_superuser = true",),
    "somebody locked out": ("UPDATE rlhfhub_tenancy_user SET is_active = false",),
    "a note in a workspace's trail": note("door", "%(a)s", "NULL"),
    "a note of somebody": note("door", "NULL", "%(owner)s"),
}

EVERYWHERE: Acts = {
    "a large object": ("SELECT lo_create(0)",),
    "a large object with content": ("SELECT lo_from_bytea(0, 'x')",),
    "a large object by its number": ("SELECT lo_get(1)",),
}

FORGERIES: list[tuple[str, Plane, str, tuple[str, ...]]] = [
    (f"{plane}{' as the owner' if named else ''}: {name}", plane, named, statements)
    for plane, named, acts in (
        (Plane.WORKSPACE, "", WORKSPACE),
        (Plane.WORKSPACE, "owner", IN_THE_OWNERS_NAME),
        (Plane.ANNOTATOR, "person", ANNOTATOR),
        (Plane.SYSTEM, "", SYSTEM),
        (Plane.STAFF, "staff", STAFF),
        (Plane.DOOR, "", DOOR),
        *((plane, "", EVERYWHERE) for plane in Plane if plane is not Plane.KEEPER),
    )
    for name, statements in acts.items()
]
