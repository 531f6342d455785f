"""All SQL of the benchmark that names the site's tables, so that a change of those tables changes only this file.

CLAIM and SUBMIT do in plain SQL what the site does in a loop, as the tables' owner: constraints and triggers apply,
policies do not, and nothing is validated, rendered or authenticated. PAIRS is the plain way to export.
"""

# ---- the plain loop: two transactions of one annotator; START names the ids that all its rows share ----

START = """
    SELECT e.workspace_id AS workspace, e.project_id AS project, b.id AS batch, e.id AS enrollment,
        e.annotator_id AS person, p.form_id AS form, p.guideline_version_id AS guideline, greatest(
            (SELECT seq FROM projects_work_cursor WHERE enrollment_id = e.id AND batch_id = b.id),
            (SELECT min(seq) - 1 FROM projects_work_slot
             WHERE batch_id = b.id AND state = 'open' AND kept_for_id IS NULL)) AS seq
    FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
    JOIN projects_items_batch b ON b.project_id = p.id WHERE e.id = %s AND b.id = %s
"""
NEXT = """
    SELECT id AS slot, item_id AS item, seq, price_minor AS price, fee_minor AS fee, currency
    FROM projects_work_slot
    WHERE batch_id = %(batch)s AND state = 'open' AND kept_for_id IS NULL AND seq > %(seq)s
    ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED
"""
CLAIM = (
    """INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id,
        form_id, guideline_version_id, phase, seed, shown, keys, leased_at, expires_at, return_reason, return_note)
    VALUES (%(lease)s, %(workspace)s, %(project)s, %(slot)s, %(item)s, %(enrollment)s, %(person)s, %(form)s,
        %(guideline)s, 'main', 1, '{0,1}', '{k1,k2}', clock_timestamp(), clock_timestamp() + interval '30 minutes',
        '', '')""",
    "UPDATE projects_work_slot SET state = 'leased', holder_id = %(person)s WHERE id = %(slot)s",
    """INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq)
    VALUES (%(cursor)s, %(workspace)s, %(enrollment)s, %(batch)s, %(person)s, %(seq)s)
    ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET seq = EXCLUDED.seq""",
    "SELECT prompt, responses, context FROM projects_items_item WHERE id = %(item)s",
)
# Insert the answer before ending the lease: a lease can end as submitted only if it has an answer.
SUBMIT = (
    """INSERT INTO projects_work_annotation (id, workspace_id, project_id, batch_id, item_id, slot_id, lease_id,
        enrollment_id, annotator_id, form_id, guideline_version_id, answer, units, judged, price_minor, fee_minor,
        currency, seconds, state, submitted_at, decide_by)
    VALUES (%(annotation)s, %(workspace)s, %(project)s, %(batch)s, %(item)s, %(slot)s, %(lease)s, %(enrollment)s,
        %(person)s, %(form)s, %(guideline)s,
        '{"preference": {"choice": 1}, "reason": "It follows the instruction better."}', '{preference@0-1}', '{1}',
        %(price)s, %(fee)s, %(currency)s, 30, 'submitted', clock_timestamp(), clock_timestamp() + interval '3 days')""",
    "UPDATE projects_work_lease SET ended_at = clock_timestamp(), ended_as = 'submitted' WHERE id = %(lease)s",
    "UPDATE projects_work_slot SET state = 'filled' WHERE id = %(slot)s",
    """INSERT INTO rlhfhub_events_event (id, workspace_id, kind, subject_id, data)
    VALUES (%(event)s, %(workspace)s, 'work.submitted', %(annotation)s, %(data)s)""",
)

# ---- events: mark those of the plain loop as dispatched, so that none is left for the dispatcher ----

DISPATCHED = "UPDATE rlhfhub_events_event SET dispatched_at = now() WHERE dispatched_at IS NULL"
WAITING = "SELECT EXISTS (SELECT 1 FROM rlhfhub_events_event WHERE dispatched_at IS NULL)"

# ---- the plain export: the last one's pairs as JSON lines ----

PAIRS = """
    COPY (SELECT json_build_object('prompt', i.prompt, 'chosen', i.responses -> r.responses[1]::int -> 'messages',
                 'rejected', i.responses -> r.responses[2]::int -> 'messages')
          FROM projects_exports_exportrow r JOIN projects_items_item i ON i.id = r.item_id
          WHERE r.export_id = (SELECT id FROM projects_exports_export WHERE project_id = %s AND state = 'finished'
                               ORDER BY number DESC LIMIT 1)
          ORDER BY r.number) TO STDOUT
"""

# ---- filling: items from those of the batch `model`, each with a question of its own ----

ITEMS = """
    WITH base AS (
        SELECT row_number() OVER (ORDER BY seq) - 1 AS k, prompt -> 0 ->> 'content' AS question, responses, metadata
        FROM projects_items_item WHERE batch_id = %(model)s)
    INSERT INTO projects_items_item
        (id, workspace_id, project_id, batch_id, seq, external_id, prompt, responses, context, metadata, sha256,
         content_key, created_at)
    SELECT rlhfhub_uuid7(), b.workspace_id, b.project_id, b.id, n, 'item-' || n,
           jsonb_build_array(jsonb_build_object('role', 'user', 'content', base.question || ' (' || n || ')')),
           base.responses, '{}', base.metadata, md5(n::text) || md5(b.id::text),
           md5(b.id::text || n)::uuid, clock_timestamp()
    FROM projects_items_batch b
    CROSS JOIN generate_series(%(first)s::bigint, %(last)s::bigint) AS n
    JOIN base ON base.k = n %% (SELECT count(*) FROM base)
    WHERE b.id = %(batch)s ORDER BY n
"""
COUNTED = "UPDATE projects_items_batch SET items_count = %(last)s WHERE id = %(batch)s"

# ---- filling: one annotator's accepted past on the open slots `number` of the items from `first` to before `end` ----

PAST = (
    """INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id,
        form_id, guideline_version_id, phase, seed, shown, keys, leased_at, expires_at, ended_at, ended_as,
        return_reason, return_note)
    SELECT gen_random_uuid(), s.workspace_id, s.project_id, s.id, s.item_id, %(enrollment)s, %(person)s, p.form_id,
        p.guideline_version_id, 'main', 1, '{0,1}', '{k1,k2}', now(), now() + interval '30 minutes', now(),
        'submitted', '', ''
    FROM projects_items_item i JOIN projects_work_slot s ON s.item_id = i.id AND s.number = %(number)s
    JOIN projects_plan_project p ON p.id = s.project_id
    WHERE i.batch_id = %(batch)s AND i.seq >= %(first)s AND i.seq < %(end)s AND s.state = 'open'""",
    """UPDATE projects_work_slot s SET state = 'leased', holder_id = l.annotator_id
    FROM projects_work_lease l WHERE l.enrollment_id = %(enrollment)s AND s.id = l.slot_id AND s.state = 'open'""",
    """INSERT INTO projects_work_annotation (id, workspace_id, project_id, batch_id, item_id, slot_id, lease_id,
        enrollment_id, annotator_id, form_id, guideline_version_id, answer, units, judged, price_minor, fee_minor,
        currency, seconds, state, submitted_at, decide_by)
    SELECT rlhfhub_uuid7(), l.workspace_id, l.project_id, s.batch_id, l.item_id, l.slot_id, l.id, l.enrollment_id,
        l.annotator_id, l.form_id, l.guideline_version_id,
        jsonb_build_object('preference', jsonb_build_object('choice', (r.n > 0)::int),
                           'reason', 'It follows the instruction better.'),
        '{preference@0-1}', ARRAY[r.n], s.price_minor, s.fee_minor, s.currency, 30, 'accepted', now(),
        now() + interval '3 days'
    FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id
    CROSS JOIN LATERAL (SELECT CASE WHEN hashtext(l.item_id::text) %% 2 = 0 THEN 1 ELSE -1 END AS n) r
    WHERE l.enrollment_id = %(enrollment)s AND l.ended_as = 'submitted'""",
    """UPDATE projects_work_slot s SET state = 'filled'
    FROM projects_work_lease l WHERE l.enrollment_id = %(enrollment)s AND s.id = l.slot_id AND s.state = 'leased'""",
    """INSERT INTO projects_review_decision
        (id, workspace_id, annotation_id, annotator_id, stage, verdict, by, reviewer_id, decided_at)
    SELECT rlhfhub_uuid7(), workspace_id, id, annotator_id, 1, 'accepted', 'clock', NULL, now()
    FROM projects_work_annotation WHERE enrollment_id = %(enrollment)s""",
    """INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq)
    SELECT rlhfhub_uuid7(), s.workspace_id, l.enrollment_id, s.batch_id, l.annotator_id, max(s.seq)
    FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id WHERE l.enrollment_id = %(enrollment)s
    GROUP BY 2, 3, 4, 5""",
)

# ---- money: work that is accepted and not booked, people who are owed something, and balance entries of Stripe's ----

UNBOOKED = """
    SELECT a.id, a.workspace_id, a.batch_id, a.annotator_id, a.currency, a.price_minor, a.fee_minor
    FROM projects_work_annotation a WHERE a.project_id = %s AND a.state = 'accepted' AND a.price_minor > 0
    AND NOT EXISTS (SELECT FROM billing_ledger_journal j WHERE j.cause = 'accrual:' || a.id) LIMIT %s
"""
MOST_ANSWERS = """
    SELECT annotator_id, enrollment_id, count(*) FROM projects_work_annotation
    GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 1
"""
PLAIN_BOOKS = """
    CREATE TABLE bench_journal (LIKE billing_ledger_journal INCLUDING ALL);
    CREATE TABLE bench_posting (LIKE billing_ledger_posting INCLUDING ALL)
"""
PLAIN_ACCRUAL = """
    WITH journal AS (
        INSERT INTO bench_journal (id, workspace_id, kind, cause, fingerprint, note, at)
        VALUES (%(journal)s, %(workspace)s, 'accrual', %(cause)s::text, md5(%(cause)s::text), '', clock_timestamp()))
    INSERT INTO bench_posting (id, journal_id, account_id, workspace_id, amount_minor, currency, at)
    SELECT rlhfhub_uuid7(), %(journal)s, %(workspace)s, %(workspace)s, amount, %(currency)s, clock_timestamp()
    FROM unnest(%(amounts)s::bigint[]) amount
"""
# Rows that many other rows would have to lead to; the triggers that ask for those are off meanwhile.
QUIET = (
    "billing_recipients_recipient",
    "billing_ledger_account",
    "billing_ledger_journal",
    "billing_ledger_posting",
)
OWED = """
    WITH people AS (
        INSERT INTO rlhfhub_tenancy_user (id, email, name, password, is_active, is_staff, is_superuser, date_joined)
        SELECT gen_random_uuid(), 'owed-' || n || '@bench.example', 'Owed', '', true, false, false, now()
        FROM generate_series(1, %(count)s) n RETURNING id),
    recipients AS (
        INSERT INTO billing_recipients_recipient
            (id, person_id, name, email, rail, state, account, transfers, can_be_paid)
        SELECT gen_random_uuid(), id, 'Owed', 'x@bench.example', 'stripe_connect', 'made', 'acct_' || id, 'active', true
        FROM people)
    INSERT INTO billing_ledger_account (id, kind, currency, person_id, balance_minor)
    SELECT gen_random_uuid(), 'annotator_payable', 'USD', id, 2000 FROM people
"""
TRANSFERRED = """
    WITH purses AS (
        INSERT INTO billing_ledger_account (id, kind, currency)
        VALUES (gen_random_uuid(), 'stripe_available', 'USD'), (gen_random_uuid(), 'transfer_clearing', 'USD')
        ON CONFLICT DO NOTHING),
    journals AS (
        INSERT INTO billing_ledger_journal (id, kind, cause, fingerprint, note, at)
        SELECT rlhfhub_uuid7(), 'transferred', 'transferred:txn_' || n, md5(n::text), '', now() - interval '1 day'
        FROM generate_series(1, %(count)s) n RETURNING id, cause)
    INSERT INTO billing_reconciliation_balanceentry (id, transaction, type, category, source, currency, amount_minor,
        fee_minor, net_minor, happened_at, available_at, read_at)
    SELECT id, substr(cause, 13), 'transfer', 'transfer', '', 'USD', -100, 0, -100, now(), now(),
        now() - interval '1 day'
    FROM journals
"""
LINES = """
    INSERT INTO billing_ledger_posting (id, journal_id, account_id, amount_minor, currency, at)
    SELECT rlhfhub_uuid7(), j.id, a.id, CASE a.kind WHEN 'stripe_available' THEN 100 ELSE -100 END, 'USD', j.at
    FROM billing_ledger_journal j JOIN billing_ledger_account a
      ON a.kind IN ('stripe_available', 'transfer_clearing') AND a.currency = 'USD' WHERE j.kind = 'transferred'
"""
