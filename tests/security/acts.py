"""SQL statements for the forgeries. The test's `facts` give the values of `%(…)s`."""

# What an annotator writes of an annotation.
ANSWERED = (
    "id, workspace_id, project_id, batch_id, item_id, slot_id, lease_id, enrollment_id, annotator_id, form_id, "
    "guideline_version_id, answer, units, judged, price_minor, fee_minor, currency, seconds, state, set_aside, "
    "submitted_at, revised_at, decide_by"
)
END = "ended_at = clock_timestamp(), ended_as ="


def journal(kind: str, lines: tuple[tuple[str, int], ...], cause: str = "") -> tuple[str, ...]:
    """Insert a journal of workspace A with its lines: (account, amount in minor units). `cause` is SQL."""
    values = ", ".join(
        f"(gen_random_uuid(), %(journal)s, %({account})s, %(a)s, {amount}, 'USD', now())"
        for account, amount in lines
    )
    return (
        "INSERT INTO billing_ledger_journal (id, workspace_id, kind, cause, fingerprint, note, at) "
        f"""VALUES (%(journal)s, %(a)s, '{kind}', {cause or f"'{kind}:forged'"}, '', '', statement_timestamp())""",
        "INSERT INTO billing_ledger_posting (id, journal_id, account_id, workspace_id, amount_minor, currency, at) "
        f"VALUES {values}",
    )


def account(kind: str, currency: str, balance: int = 0) -> str:
    """An account of workspace A, with a balance if it keeps one."""
    kept = "NULL" if kind.startswith("platform") else balance
    return (
        "INSERT INTO billing_ledger_account (id, kind, currency, workspace_id, balance_minor) "
        f"VALUES (%(account)s, '{kind}', '{currency}', %(a)s, {kept})"
    )


def slot(batch: str) -> str:
    """One more slot on an item of the batch."""
    return (
        "INSERT INTO projects_work_slot (id, workspace_id, project_id, batch_id, item_id, funding_id, number, "
        "responses, seq, price_minor, fee_minor, currency, state) "
        "SELECT gen_random_uuid(), workspace_id, project_id, batch_id, id, COALESCE(("
        "SELECT f.id FROM billing_funding_funding f WHERE f.batch_id = i.batch_id LIMIT 1), gen_random_uuid()), "
        "49, 2, 1, 25, "
        f"5, 'USD', 'open' FROM projects_items_item i WHERE batch_id = %({batch})s LIMIT 1"
    )


def decision(by: str, reviewer: str, at: str = "clock_timestamp()") -> tuple[str, ...]:
    """Insert a decision on an undecided annotation and accept it, in one statement as the triggers require."""
    return (
        "WITH d AS (INSERT INTO projects_review_decision (id, workspace_id, annotation_id, annotator_id, "
        "stage, verdict, by, reviewer_id, decided_at) SELECT gen_random_uuid(), %(a)s, %(waiting)s, annotator_id, 1, "
        f"'accepted', '{by}', {reviewer}, {at} FROM projects_work_annotation WHERE id = %(waiting)s "
        "RETURNING annotation_id) "
        "UPDATE projects_work_annotation a SET state = 'accepted' FROM d WHERE a.id = d.annotation_id",
    )


def note(plane: str, workspace: str, actor: str) -> tuple[str, ...]:
    """An entry of the audit trail."""
    return (
        "INSERT INTO rlhfhub_tenancy_auditentry (id, workspace_id, actor_id, plane, verb, subject, data, at) "
        f"VALUES (gen_random_uuid(), {workspace}, {actor}, '{plane}', 'x.y', '', '{{}}', now())",
    )


def lease(changes: str) -> tuple[str, ...]:
    """Insert a valid lease of the annotator on an open slot, except for `changes` (arguments of jsonb_build_object)."""
    return (
        f"UPDATE projects_work_lease SET {END} 'returned' WHERE id = %(lease)s",
        "INSERT INTO projects_work_lease SELECT (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), "
        "'slot_id', s.id, 'item_id', s.item_id, 'leased_at', clock_timestamp(), 'expires_at', clock_timestamp(), "
        f"'ended_at', NULL, 'ended_as', NULL) || jsonb_build_object({changes}))).* "
        "FROM projects_work_lease l, projects_work_slot s WHERE l.id = %(lease)s AND s.id = %(open_slot)s",
    )


def annotation(changes: str) -> tuple[str, ...]:
    """Insert a valid annotation under the annotator's lease, except for `changes` (see `lease`)."""
    return (
        f"INSERT INTO projects_work_annotation ({ANSWERED}) SELECT {ANSWERED} FROM jsonb_populate_record("
        f"NULL::projects_work_annotation, (SELECT to_jsonb(a) FROM (SELECT {ANSWERED} FROM projects_work_annotation) a "
        "WHERE a.enrollment_id = (SELECT enrollment_id FROM projects_work_lease WHERE id = %(lease)s) LIMIT 1) || ("
        "SELECT jsonb_build_object('id', gen_random_uuid(), 'slot_id', l.slot_id, 'lease_id', l.id, 'item_id', "
        "l.item_id, 'state', 'submitted', 'submitted_at', now(), 'decide_by', now() + p.auto_accept_hours * "
        f"interval '1 hour') || jsonb_build_object({changes}) FROM projects_work_lease l "
        "JOIN projects_plan_project p ON p.id = l.project_id WHERE l.id = %(lease)s))",
    )
