"""The walls of slots, leases and annotations, and the doors that list open work and what a person did and earned."""

from rlhfhub.tenancy.rules import (
    ADD,
    ANNOTATOR,
    ANY,
    KEEPER,
    MINE,
    READ,
    SYSTEM,
    WORKSPACE,
    WS,
    Door,
    Rule,
    Wall,
    seen_by_members,
    setting,
)

_SLOTS = f"{WS} AND (holder_id = {setting('person')} OR (state = 'open' AND project_id = {setting('project')}))"

# The columns of an annotation that its annotator writes and reads: all but its purpose.
_OWN = (
    "id, workspace_id, project_id, batch_id, item_id, slot_id, lease_id, enrollment_id, annotator_id, form_id, "
    "guideline_version_id, answer, units, judged, price_minor, fee_minor, currency, seconds, pasted_percent, "
    "state, set_aside, submitted_at, revised_at, decide_by"
)

WALLS: dict[str, Wall] = {
    "projects_work_slot": seen_by_members(
        "SELECT, INSERT, UPDATE (state)",
        # Not the columns by which gold and repeats could be told from other items.
        annotator=Rule(
            "SELECT (id, workspace_id, project_id, batch_id, item_id, responses, seq, price_minor, fee_minor, "
            "currency, state, holder_id, kept_for_id), UPDATE (state, holder_id, seq)",
            _SLOTS,
        ),
        system=Rule("SELECT, UPDATE (state, holder_id, seq)", ANY),
        keeper=Rule("SELECT, UPDATE (state, holder_id, seq)"),
    ),
    "projects_work_lease": seen_by_members(
        READ,
        annotator=Rule(
            "SELECT, INSERT, UPDATE (ended_at, ended_as, return_reason, return_note)", MINE
        ),
        system=Rule("SELECT, UPDATE (ended_at, ended_as)", ANY),
        keeper=Rule("SELECT, UPDATE (ended_at, ended_as, return_reason)"),
    ),
    "projects_work_draft": {
        ANNOTATOR: Rule(
            "SELECT, INSERT, UPDATE (answer, pasted_percent, active_ms, form_id, saved_at), DELETE",
            MINE,
        ),
        SYSTEM: Rule("SELECT, DELETE", ANY),
    },
    "projects_work_cursor": {
        # Repeats are placed ahead of a cursor.
        WORKSPACE: Rule(READ, WS),
        ANNOTATOR: Rule("SELECT, INSERT, UPDATE (seq, wrapped_at)", MINE),
        SYSTEM: Rule(READ, ANY),
        # An attempt in calibration begins at an item of its own.
        KEEPER: Rule("INSERT"),
    },
    "projects_work_annotation": seen_by_members(
        "SELECT, UPDATE (state, set_aside)",
        # A returned answer is revised.
        annotator=Rule(
            f"SELECT ({_OWN}), INSERT ({_OWN}), UPDATE (answer, units, judged, seconds, pasted_percent, state, "
            "revised_at, decide_by)",
            MINE,
        ),
        system=Rule("SELECT, UPDATE (state, decide_by)", ANY),
        # Appeals are decided by staff.
        staff=Rule("SELECT, UPDATE (state)"),
        # The keeper reads what an annotation earned, but not its answer.
        keeper=Rule(
            "SELECT (id, batch_id, item_id, enrollment_id, price_minor, currency, state, submitted_at, decide_by)"
        ),
    ),
    "projects_work_annotationhistory": seen_by_members(READ, keeper=Rule(ADD)),
}

DOORS = [
    Door(
        "door_done",
        "person uuid, enrollments uuid[]",
        "TABLE (enrollment_id uuid, answers bigint, pending_minor bigint, accepted_minor bigint)",
        """SELECT e.id, count(*), COALESCE(sum(a.price_minor) FILTER (
                  WHERE a.state IN ('submitted', 'returned')), 0)::bigint,
              COALESCE(sum(a.price_minor) FILTER (WHERE a.state = 'accepted'), 0)::bigint
       FROM projects_enrollment_enrollment e JOIN projects_work_annotation a ON a.enrollment_id = e.id
       WHERE e.annotator_id = person AND e.id = ANY(enrollments) GROUP BY e.id""",
    ),
    Door(
        "door_newest_answers",
        "person uuid, enrollments uuid[], most integer",
        "TABLE (enrollment_id uuid, id uuid, submitted_at timestamptz, price_minor bigint, currency varchar, "
        "state text, decide_by timestamptz)",
        """SELECT e.id, a.id, a.submitted_at, a.price_minor, a.currency, a.state, a.decide_by
       FROM projects_enrollment_enrollment e CROSS JOIN LATERAL (
           SELECT n.id, n.submitted_at, n.price_minor, n.currency, n.state, n.decide_by
           FROM projects_work_annotation n
           WHERE n.enrollment_id = e.id ORDER BY n.submitted_at DESC LIMIT most) a
       WHERE e.annotator_id = person AND e.id = ANY(enrollments) ORDER BY e.id, a.submitted_at DESC""",
    ),
    Door(
        "door_pay",
        "person uuid, midnight timestamptz, week timestamptz",
        "TABLE (currency varchar, pending_minor bigint, today_minor bigint, week_minor bigint)",
        # Three small parts of a person's answers, each found by an index of its own: all of them may be very many.
        """SELECT a.currency, sum(a.pending)::bigint, sum(a.today)::bigint, sum(a.week)::bigint
       FROM projects_enrollment_enrollment e CROSS JOIN LATERAL (
           SELECT n.currency, n.price_minor AS pending, 0 AS today, 0 AS week FROM projects_work_annotation n
           WHERE n.enrollment_id = e.id AND n.state = 'submitted' AND n.price_minor > 0
           UNION ALL SELECT n.currency, n.price_minor, 0, 0 FROM projects_work_annotation n
           WHERE n.enrollment_id = e.id AND n.state = 'returned' AND n.price_minor > 0
           UNION ALL SELECT n.currency, 0,
               CASE WHEN n.submitted_at >= midnight AND n.state <> 'rejected' THEN n.price_minor ELSE 0 END,
               CASE WHEN n.state <> 'rejected' THEN n.price_minor ELSE 0 END FROM projects_work_annotation n
           WHERE n.enrollment_id = e.id AND n.submitted_at >= week AND n.price_minor > 0) a
       WHERE e.annotator_id = person GROUP BY a.currency""",
    ),
    Door(
        "door_pay_by_day",
        "person uuid, since timestamptz",
        "TABLE (currency varchar, day date, answers bigint, pay_minor bigint)",
        """SELECT a.currency, (a.submitted_at AT TIME ZONE 'UTC')::date, count(*),
              COALESCE(sum(a.price_minor) FILTER (WHERE a.state <> 'rejected'), 0)::bigint
       FROM projects_enrollment_enrollment e JOIN projects_work_annotation a ON a.enrollment_id = e.id
       WHERE e.annotator_id = person AND a.submitted_at >= since GROUP BY 1, 2""",
    ),
    # Projects that a person can join and work in now, because an open batch has an open slot. A project that is named
    # by `only_project` can be joined even before there is work.
    Door(
        "door_listing",
        "person uuid, only_project uuid, before uuid, most integer",
        "TABLE (workspace_id uuid, project_id uuid, workspace varchar, project varchar, access varchar, "
        "price_minor bigint, currency varchar, estimated_seconds integer, calibration varchar, purpose text, "
        "reviewed varchar, languages varchar[], languages_need varchar, domains varchar[], domains_need varchar, "
        "content varchar[])",
        """SELECT p.workspace_id, p.id, w.name, p.name, p.access, p.price_minor, p.currency, p.estimated_seconds,
         p.calibration, p.purpose, o.name, COALESCE(r.languages, '{}'), COALESCE(r.languages_need, 'all'),
         COALESCE(r.domains, '{}'), COALESCE(r.domains_need, 'all'), COALESCE(r.content, '{}')
       FROM projects_plan_project p JOIN rlhfhub_tenancy_workspace w ON w.id = p.workspace_id
       LEFT JOIN projects_plan_project o ON o.id = p.parent_id
       LEFT JOIN projects_plan_requirement r ON r.id = p.requirement_id
       WHERE p.status = 'active' AND p.guideline_version_id IS NOT NULL
         AND (only_project IS NULL OR p.id = only_project) AND (before IS NULL OR p.id < before)
         AND NOT EXISTS (SELECT 1 FROM projects_enrollment_enrollment e
                         WHERE e.project_id = p.id AND e.annotator_id = person)
         AND (p.access = 'members') = EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m
                         WHERE m.workspace_id = p.workspace_id AND m.user_id = person)
         AND (only_project IS NOT NULL OR EXISTS (
                  SELECT 1 FROM projects_items_batch b WHERE b.project_id = p.id AND b.status = 'open'
                  AND EXISTS (SELECT 1 FROM projects_work_slot s WHERE s.batch_id = b.id AND s.state = 'open'
                              AND s.kept_for_id IS NULL AND s.seq >= b.low_seq)))
       ORDER BY p.id DESC LIMIT most""",
    ),
]
