"""For each invariant, SQL that violates it. Only the owner can run it, after dropping triggers and constraints."""

from tests.security import damages_gold, damages_of_notices, damages_of_people
from tests.security.calibration_damages import CALIBRATION
from tests.security.damage import (
    ACCOUNT,
    ANNOTATION,
    AUDIT,
    BATCH,
    DEARER,
    ENROLLMENT,
    EXPORT,
    FUNDING,
    ITEM,
    JOURNAL,
    KEY,
    LEASE,
    MEMBER,
    NO_LAW,
    PAID_MEMBER,
    POSTING,
    ROW,
    SLOT,
    TWIN_ANNOTATION,
    UNDONE,
    copy,
    off,
    unguarded,
    without,
)
from tests.security.damages_of_quality import QUALITY
from tests.security.damages_of_review import REVIEW
from tests.security.damages_of_stripe import STRIPE

SEAL = "INSERT INTO billing_ledger_seal (id, day, after, journals, digest, sealed_at)"

DAMAGES: dict[str, list[str]] = {
    **damages_gold.DAMAGES,
    **damages_of_notices.DAMAGES,
    **damages_of_people.DAMAGES,
    **STRIPE,
    # --- work ---
    "no item has more annotations than slots": [
        *without(ANNOTATION, "annotation_slot"),
        *unguarded(
            ANNOTATION,
            f"UPDATE {ANNOTATION} SET item_id = (SELECT item_id FROM {ANNOTATION} LIMIT 1)",
        ),
    ],
    "no slot is filled twice": TWIN_ANNOTATION,
    "no item has more slots than its funding runs paid for": unguarded(
        SLOT, copy(SLOT, "state = 'open' AND kept_for_id IS NULL", "'{\"number\": 49}'")
    ),
    "nobody annotates an item twice": TWIN_ANNOTATION,
    "nobody holds an item twice, or an item that they answered or returned": [
        *NO_LAW,
        *unguarded(LEASE, copy(LEASE, "ended_as = 'submitted'")),
    ],
    "a slot has at most one live lease, and so has an enrollment": [
        *NO_LAW,
        *unguarded(LEASE, copy(LEASE, "ended_as IS NULL")),
    ],
    "an annotation has the guideline version and form of its lease and the price and purpose of its slot": unguarded(
        ANNOTATION, f"UPDATE {ANNOTATION} SET price_minor = price_minor + 1"
    ),
    "a slot for data is of an item of its batch, and any other of an item of its project's pool": unguarded(
        SLOT, f"UPDATE {SLOT} SET purpose = 'gold' WHERE kept_for_id IS NULL"
    ),
    "an annotation ended its lease, and within the lease's time": unguarded(
        LEASE,
        f"UPDATE {LEASE} SET ended_at = expires_at + interval '1 day' WHERE ended_as = 'submitted'",
    ),
    "an expired lease is ended within minutes": unguarded(
        LEASE, f"UPDATE {LEASE} SET expires_at = now() - interval '1 day' WHERE ended_at IS NULL"
    ),
    "a leased slot has a live lease, and that lease's annotator is its holder": unguarded(
        SLOT, f"UPDATE {SLOT} SET holder_id = gen_random_uuid() WHERE state = 'leased'"
    ),
    "a lease has its enrollment's project and annotator, and a form and guidelines of that project": unguarded(
        LEASE,
        f"UPDATE {LEASE} l SET form_id = (SELECT f.id FROM projects_plan_form f "
        "WHERE f.workspace_id = l.workspace_id AND f.project_id <> l.project_id LIMIT 1)",
    ),
    "who leases is cleared for the guideline version, and has accepted it or one without a major change since": [
        "DELETE FROM projects_enrollment_guidelineacceptance"
    ],
    "the triggers that end and refuse leases of people who may no longer work are enabled": off(
        "revoke", MEMBER
    ),
    "an annotation's judgments are those in its stored answer": unguarded(
        ANNOTATION, f"UPDATE {ANNOTATION} SET judged = ARRAY[1 - judged[1]]"
    ),
    "a lease shows all responses of its item, and their number is its slot's": unguarded(
        SLOT, f"UPDATE {SLOT} SET responses = 1"
    ),
    "the order shown is the one drawn from the lease's seed": unguarded(
        LEASE, f"UPDATE {LEASE} SET shown = ARRAY[shown[2], shown[1]]"
    ),
    "an item's content still has the digest stored at its import": unguarded(
        ITEM, f'UPDATE {ITEM} SET prompt = prompt || \'[{{"role": "user", "content": "and"}}]\''
    ),
    "no item or key can be changed, and batches change state along declared edges only: the triggers are enabled": off(
        "append_only", ITEM
    ),
    "every annotation in a row was accepted, or the row counts it as undecided; it is for data and of its item": UNDONE,
    "a row's final answer is to its item, stood when the export was frozen, and was not a withdrawal": unguarded(
        ROW, f"UPDATE {ROW} SET adjudication_id = gen_random_uuid()"
    ),
    "every row is what its dataset's rule makes of the annotations and the final answer it names": unguarded(
        ROW, f"UPDATE {ROW} SET responses = ARRAY[responses[2], responses[1]]"
    ),
    **QUALITY,
    **REVIEW,
    "a submitted answer keeps its slot, whatever happens to the batch": unguarded(
        SLOT, f"UPDATE {SLOT} SET state = 'cancelled', holder_id = NULL WHERE state = 'filled'"
    ),
    "a batch was opened only when funded and before it was closed, and has the times of both": [
        *without(BATCH, "batch_opened_when_funded"),
        *unguarded(BATCH, f"UPDATE {BATCH} SET opened_at = NULL WHERE status = 'open'"),
    ],
    "a filled slot has an annotation, and only slots of closed batches are cancelled": unguarded(
        SLOT, f"UPDATE {SLOT} SET state = 'cancelled' WHERE state = 'open'"
    ),
    "a lease is made while its batch is open": [
        *without(BATCH, "batch_opened_when_funded"),
        *unguarded(BATCH, f"UPDATE {BATCH} SET status = 'draft'"),
    ],
    "the triggers that allow only declared changes of slots, leases and annotations are enabled": off(
        "ended", LEASE
    ),
    "an enrollment changes state along declared edges only: its triggers are enabled": off(
        "begins", ENROLLMENT
    ),
    "who accepts guidelines attests to write themselves, where that is asked for: the trigger is enabled": off(
        "attested", "projects_enrollment_guidelineacceptance"
    ),
    "an annotator who is active or paused has accepted guidelines": [
        "DELETE FROM projects_enrollment_guidelineacceptance"
    ],
    **CALIBRATION,
    # --- money ---
    "accepted paid work is accrued, or about to be": [
        "DELETE FROM rlhfhub_events_delivery",
        *unguarded(POSTING, f"DELETE FROM {POSTING}"),
        *unguarded(JOURNAL, f"DELETE FROM {JOURNAL} WHERE kind = 'accrual'"),
    ],
    "each accrual is of an accepted annotation, and there is one for each": UNDONE,
    "a journal's postings sum to zero in each currency": unguarded(
        POSTING,
        f"UPDATE {POSTING} SET amount_minor = amount_minor + 1 WHERE id = (SELECT id FROM {POSTING} LIMIT 1)",
    ),
    "a journal moves money: it has two postings or more": unguarded(
        POSTING, f"DELETE FROM {POSTING}"
    ),
    "no balance is negative where it may not be": [
        *without(ACCOUNT, "account_not_negative"),
        f"UPDATE {ACCOUNT} SET balance_minor = -1 WHERE kind = 'workspace_available'",
    ],
    "a batch's budget is price and fee of its slots that are not yet earned or given back": [
        f"UPDATE {ACCOUNT} SET balance_minor = balance_minor + 1 WHERE kind = 'batch_budget'"
    ],
    "a funded batch has all the slots that were paid for": [
        f"DELETE FROM {SLOT} s WHERE state = 'open' AND NOT EXISTS (SELECT 1 FROM {LEASE} l WHERE l.slot_id = s.id)"
    ],
    "a balance is the sum of its postings": [
        f"UPDATE {ACCOUNT} SET balance_minor = balance_minor + 1"
    ],
    "a posting has the currency and the owner of its account, the workspace and the moment of its journal": unguarded(
        POSTING, f"UPDATE {POSTING} SET at = at - interval '1 day'"
    ),
    "postings and journals are append-only, by their rules: the guards are in place": off(
        "made", JOURNAL
    ),
    "a journal's cause names its kind, and it changes only the accounts of its kind, in their direction": unguarded(
        JOURNAL, f"UPDATE {JOURNAL} SET kind = 'fund' WHERE kind = 'deposit'"
    ),
    "an account has the owner of its kind: the platform, a workspace, a batch or a person": [
        *without(ACCOUNT, "account_owner"),
        f"INSERT INTO {ACCOUNT} (id, kind, currency, workspace_id, balance_minor) "
        "SELECT gen_random_uuid(), 'platform_cash', 'USD', id, NULL FROM rlhfhub_tenancy_workspace LIMIT 1",
    ],
    "a journal's fingerprint is that of its postings": unguarded(
        JOURNAL, f"UPDATE {JOURNAL} SET fingerprint = 'else'"
    ),
    "a sealed day has the journals that it had when it was sealed, and follows on the day before": [
        f"{SEAL} VALUES (gen_random_uuid(), current_date, 1, 0, 'else', now())"
    ],
    "a day's total of an account is the sum of that day's postings": [
        f"{SEAL} SELECT gen_random_uuid(), current_date, 1, d.*, now() FROM ledger_digest(current_date, '') d"
    ],
    "a reversal was agreed on by two members of staff, and moves the same money back": [
        *unguarded(
            JOURNAL,
            f"UPDATE {JOURNAL} j SET kind = 'reverse', cause = 'reverse:' || id, reverses_id = "
            f"(SELECT id FROM {JOURNAL} WHERE kind = 'fund' LIMIT 1) WHERE id = (SELECT id FROM {JOURNAL} "
            "WHERE kind = 'deposit' LIMIT 1)",
        )
    ],
    "a batch that is funded or being funded has a funding run": [
        *without(BATCH, "batch_terms_when_funded"),
        *unguarded(
            BATCH, f"UPDATE {BATCH} SET funding = 'funded' WHERE funding = 'none' AND NOT is_pool"
        ),
    ],
    "a funding run has counted the slots made from it": unguarded(
        SLOT, copy(SLOT, "state = 'open' AND kept_for_id IS NULL", "'{\"number\": 49}'")
    ),
    "every slot and funded batch was paid for: the guards are in place": off("paid", SLOT),
    "a funding run's fee is the platform's share of its price": [
        f"UPDATE {FUNDING} SET fee_minor = 0"
    ],
    "a slot's price and fee are those its funding run paid": DEARER,
    "an accrual pays the slot's price to its annotator, the fee to the platform, from budget or hold": DEARER,
    "what a funding run moved is price and fee of the slots it paid for": [
        *without(FUNDING, "funding_done_is_whole", "funding_slots_of_items"),
        f"UPDATE {FUNDING} SET slots_paid = slots_paid + 1",
    ],
    "a batch's reserve holds what was paid for it and not used, and nothing once it is given back": unguarded(
        ACCOUNT,
        f"UPDATE {ACCOUNT} SET balance_minor = balance_minor + 1 WHERE kind = 'batch_reserve'",
    ),
    "later runs make no more slots, and no more repeats, than the reserve paid for": [
        "DROP INDEX funding_plan_once",
        *without(FUNDING, "funding_slots_of_items"),
        *unguarded(
            FUNDING,
            copy(
                FUNDING,
                "reserve_slots > 0",
                """'{"purpose": "reserve", "shared_items": 0, "share_up_to": null, "reserve_slots": 0}'""",
            ),
            f"UPDATE {FUNDING} SET slots_paid = slots_paid + 1000, slots = slots + 1000 WHERE purpose = 'reserve'",
        ),
    ],
    "a batch's terms are those its funding runs paid for": unguarded(
        BATCH, f"UPDATE {BATCH} SET price_minor = price_minor + 1 WHERE price_minor IS NOT NULL"
    ),
    "a batch has as many slots as its funding runs paid for": [
        f"UPDATE {BATCH} SET slots_count = slots_count + 1"
    ],
    "nobody is paid by a workspace for work they did as its member": PAID_MEMBER,
    "no member is at work in a paid project of their workspace": PAID_MEMBER,
    "nobody becomes a member where they are paid, or paid where they are a member: the guards are in place": off(
        "unpaid", MEMBER
    ),
    # --- tenancy ---
    "every table has its forced policies and grants, as stated": [
        f"ALTER TABLE {SLOT} NO FORCE ROW LEVEL SECURITY"
    ],
    "roles and owners are as they must be, and nothing has changed since the walls were applied": [
        "ALTER FUNCTION ledger_posted() OWNER TO rlhfhub_owner"
    ],
    "no row is linked to another workspace's": [
        f"UPDATE {SLOT} s SET project_id = (SELECT p.id FROM projects_plan_project p "
        "WHERE p.workspace_id <> s.workspace_id LIMIT 1)"
    ],
    "the site's login owns nothing and passes no wall": [
        "ALTER FUNCTION door_api_key(text) SET search_path = public"
    ],
    "a tenant row has its workspace": [
        f"ALTER TABLE {ITEM} ALTER COLUMN workspace_id DROP NOT NULL"
    ],
    "keys and invitations are stored only as digests, passwords only as hashes": [
        "UPDATE rlhfhub_tenancy_user SET password = 'secret'"
    ],
    "no stored response, audit entry, event or delivery error contains an API key": [
        'UPDATE rlhfhub_api_idempotencykey SET answer = \'{"secret": "rlh_0123456789abcdefghijklmn"}\''
    ],
    "the audit trail is append-only, and each entry names its writer: the guards are in place": off(
        "own_name", AUDIT
    ),
    "the entries of a workspace's audit trail were written in its own planes": unguarded(
        AUDIT, f"UPDATE {AUDIT} SET plane = 'staff' WHERE workspace_id IS NOT NULL"
    ),
    "only the owner's login makes staff: the guard is in place": off(
        "plain", "rlhfhub_tenancy_user"
    ),
    "there are no large objects, because no policy guards them": ["SELECT lo_create(0)"],
    "a revoked key stays revoked, and annotators make their own desk keys: the guards are in place": off(
        "own_desk", KEY
    ),
    # --- data ---
    "a finished export has the rows its manifest promises, numbered without a gap": unguarded(
        ROW, f"UPDATE {ROW} SET number = number + 1000"
    ),
    "every item and every annotation of a frozen export is counted, and counted once": unguarded(
        EXPORT, f"UPDATE {EXPORT} SET counts = jsonb_set(counts, '{{items}}', '1000')"
    ),
    "a finished export never changes: the triggers that guard it are enabled": off(
        "finished", EXPORT
    ),
    "imports are whole: a batch counts as many items as it has, and but for copies in a pool its receipts say so": [
        f"UPDATE {BATCH} SET items_count = items_count + 1"
    ],
    "a receipt adds up: received = created + duplicates + rejected": [
        "UPDATE projects_items_import SET received = received + 1"
    ],
}
# Not by SQL: see the test.
FILES = "the files of a finished export are those of its manifest"
