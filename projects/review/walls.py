"""The walls of decisions, returns, appeals, limits, flags, adjudications, the queue and sources. An annotator never
sees who reviews.
"""

from rlhfhub.tenancy.rules import (
    ADD,
    ANNOTATOR,
    ANY,
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

_MY_DECISION = (
    "SELECT (id, workspace_id, annotation_id, annotator_id, stage, verdict, by, reason, rule, note, "
    "decided_at, appeal_by)"
)
_MY_RETURN_READ = (
    "SELECT (id, workspace_id, annotation_id, annotator_id, note, returned_at, revise_by, answered_at, "
    "lapsed_at)"
)
_MY_RETURN = f"{_MY_RETURN_READ}, UPDATE (answered_at)"

WALLS: dict[str, Wall] = {
    "projects_review_decision": seen_by_members(
        ADD,
        annotator=Rule(_MY_DECISION, MINE),
        system=Rule(ADD, ANY),
        staff=Rule(ADD),
        # For what annotators are told of decisions, in all their workspaces.
        keeper=Rule(_MY_DECISION),
    ),
    "projects_review_return": seen_by_members(
        ADD,
        annotator=Rule(_MY_RETURN, MINE),
        system=Rule("SELECT, UPDATE (lapsed_at)", ANY),
        keeper=Rule(_MY_RETURN_READ),
    ),
    "projects_review_appeal": seen_by_members(
        READ,
        annotator=Rule(ADD, MINE),
        system=Rule("SELECT, UPDATE (left_to_staff)", ANY),
        keeper=Rule(READ),
    ),
    "projects_review_rejectlimit": seen_by_members(
        READ,
        keeper=Rule("SELECT, INSERT, UPDATE (rejected, stopped_at)"),
        staff=Rule("SELECT, UPDATE (allowed, stopped_at)"),
    ),
    # Everybody may see how a workspace decides, through a door.
    "projects_review_workspacerecord": seen_by_members(
        READ, system=Rule("SELECT, INSERT, UPDATE", ANY), keeper=Rule(READ)
    ),
    "projects_review_flag": seen_by_members("SELECT, INSERT, UPDATE (weight)"),
    # The keeper refuses who gave the final answer to an item a lease of it.
    "projects_review_adjudication": seen_by_members(
        ADD, keeper=Rule("SELECT (item_id, reviewer_id)")
    ),
    "projects_review_priority": seen_by_members(
        "SELECT, INSERT, UPDATE (contest, weight)", keeper=Rule("SELECT, UPDATE (waits)")
    ),
    "projects_review_bulkaccept": seen_by_members(
        "SELECT, INSERT, UPDATE (cancelled_at, cancelled_by_id, done_at, accepted, decided, returned, linked)"
    ),
    "projects_review_bulkanswer": seen_by_members("SELECT, INSERT, UPDATE (outcome)"),
    "projects_review_samplecheck": seen_by_members(ADD),
    "projects_review_sampleanswer": seen_by_members("SELECT, INSERT, UPDATE (checked_at)"),
    # Members freeze answers of their own workspace, the system those of which an appeal is decided.
    "projects_review_source": {
        WORKSPACE: Rule(ADD, f"{WS} AND purpose = 'review'"),
        SYSTEM: Rule(ADD, ANY),
        STAFF: Rule(READ),
        KEEPER: Rule(READ),
    },
}

# A person's own, and in the annotator plane those of its workspace.
_OWN = (
    f"person = COALESCE({setting('person')}, person) "
    f"AND e.annotator_id = person AND e.workspace_id = COALESCE({setting('workspace')}, e.workspace_id)"
)
# A rejection that has not ended: `d`.
_OPEN = (
    "d.verdict = 'rejected' AND NOT EXISTS (SELECT 1 FROM projects_review_decision f "
    "WHERE f.annotation_id = d.annotation_id AND f.stage = 2)"
)
# Whether the desk's pages of an enrollment can be opened.
_SHOWN = """p.status = 'active' AND (p.access = 'market' OR EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m
           WHERE m.workspace_id = e.workspace_id AND m.user_id = person))"""

# Leases of the person by which the item `{item}` was, or is, theirs.
_HELD = (
    "SELECT 1 FROM projects_work_lease l WHERE l.annotator_id = person AND l.item_id = {item} "
    "AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned'))"
)

DOORS = [
    # How these workspaces decide on answers: `projects.review.record.selectors.Record`.
    Door(
        "door_records",
        "workspaces uuid[]",
        "TABLE (workspace_id uuid, decided integer, by_clock integer, median_seconds float8, rejected integer, "
        "appeals integer, overturned integer, at timestamptz)",
        """SELECT r.workspace_id, r.decided, r.by_clock, r.median_seconds, r.rejected, r.appeals, r.overturned, r.at
       FROM projects_review_workspacerecord r WHERE r.workspace_id = ANY(workspaces)""",
        (DOOR, ANNOTATOR),
    ),
    # Medians over the workspaces with at least so many decided answers, to be shown from some workspaces on.
    Door(
        "door_market_record",
        "enough integer",
        "TABLE (workspaces integer, median_seconds float8, clock_share float8, rejected_share float8)",
        """SELECT count(*)::integer, percentile_cont(0.5) WITHIN GROUP (ORDER BY r.median_seconds),
              percentile_cont(0.5) WITHIN GROUP (ORDER BY r.by_clock::float8 / r.decided),
              percentile_cont(0.5) WITHIN GROUP (ORDER BY r.rejected::float8 / r.decided)
       FROM projects_review_workspacerecord r WHERE r.decided >= GREATEST(enough, 1)""",
        (WORKSPACE,),
    ),
    # Whether the person may take an item. They may not judge an answer that they or a linked account gave or rejected,
    # one to an item that they have answered, or for an appeal one of a workspace where they are a member. And they may
    # not answer an item of which they have judged an answer.
    Door(
        "door_may_take",
        "item uuid, person uuid",
        "boolean",
        f"""SELECT NOT EXISTS (
           SELECT 1 FROM projects_review_source s WHERE s.item_id = item
             AND (person IN (s.annotator_id, s.reviewer_id) OR tenancy_linked(person, s.annotator_id)
                  OR tenancy_linked(person, s.reviewer_id) OR EXISTS ({_HELD.format(item="s.source_item_id")})
                  OR s.purpose = 'appeal' AND EXISTS (
                      SELECT 1 FROM rlhfhub_tenancy_membership m
                      WHERE m.workspace_id = s.source_workspace_id AND m.user_id = person)))
       AND NOT EXISTS (
           SELECT 1 FROM projects_review_source s WHERE s.source_item_id = item
             AND EXISTS ({_HELD.format(item="s.item_id")}))
       AND person = COALESCE({setting("person")}, person)""",
        (ANNOTATOR,),
    ),
    # What became of a person's own answers: `projects.review.own.outcomes.Outcome`. Never who reviewed.
    Door(
        "door_own_outcomes",
        "person uuid, annotations uuid[]",
        "TABLE (annotation_id uuid, state text, reason text, rule text, note text, rejected_at timestamptz, "
        "appeal_by timestamptz, statement text, appealed_at timestamptz, appeal_due timestamptz, ended_as text, "
        "ended_by text, ended_note text, ended_at timestamptz, returned_note text, returned_at timestamptz, "
        "revise_by timestamptz, answered_at timestamptz, lapsed_at timestamptz, now timestamptz, enrollment_id uuid)",
        f"""SELECT a.id, a.state, COALESCE(d.reason, ''), COALESCE(d.rule, ''), COALESCE(d.note, ''), d.decided_at,
              d.appeal_by, COALESCE(p.statement, ''), p.appealed_at, p.decide_by, COALESCE(f.verdict, ''),
              COALESCE(f.by, ''), COALESCE(f.note, ''), f.decided_at, COALESCE(r.note, ''), r.returned_at, r.revise_by,
              r.answered_at, r.lapsed_at, clock_timestamp(), a.enrollment_id
       FROM projects_work_annotation a JOIN projects_enrollment_enrollment e ON e.id = a.enrollment_id
       LEFT JOIN projects_review_decision d ON d.annotation_id = a.id AND d.verdict = 'rejected'
       LEFT JOIN projects_review_decision f ON f.annotation_id = a.id AND f.stage = 2
       LEFT JOIN projects_review_appeal p ON p.annotation_id = a.id
       LEFT JOIN projects_review_return r ON r.annotation_id = a.id
       WHERE a.id = ANY(annotations) AND {_OWN}""",
        (DOOR, ANNOTATOR),
    ),
    # The items of own answers that were rejected or sent back, without what the desk does not show of them. While they
    # are decided on, their annotator holds no lease, by which the items could be read.
    Door(
        "door_own_items",
        "person uuid, annotations uuid[]",
        "TABLE (annotation_id uuid, prompt jsonb, responses jsonb, context jsonb)",
        f"""SELECT a.id, i.prompt, jsonb_path_query_array(i.responses, '$[*].messages'), i.context
       FROM projects_work_annotation a JOIN projects_enrollment_enrollment e ON e.id = a.enrollment_id
       JOIN projects_items_item i ON i.id = a.item_id
       WHERE a.id = ANY(annotations) AND {_OWN}
         AND (EXISTS (SELECT 1 FROM projects_review_decision d
                      WHERE d.annotation_id = a.id AND d.verdict = 'rejected')
              OR EXISTS (SELECT 1 FROM projects_review_return r WHERE r.annotation_id = a.id))""",
        (ANNOTATOR,),
    ),
    Door(
        "door_own_needs",
        "person uuid, most integer",
        "TABLE (enrollment_id uuid, project varchar, workspace varchar, revise bigint, revise_by timestamptz, "
        "appeal bigint, appeal_by timestamptz)",
        f"""SELECT e.id, p.name, w.name, count(n.revise_by), min(n.revise_by), count(n.appeal_by), min(n.appeal_by)
       FROM (
           SELECT r.annotation_id, r.revise_by, NULL::timestamptz AS appeal_by FROM projects_review_return r
           WHERE r.annotator_id = person AND r.answered_at IS NULL AND r.lapsed_at IS NULL
             AND r.revise_by > clock_timestamp()
           UNION ALL
           SELECT d.annotation_id, NULL, d.appeal_by FROM projects_review_decision d
           WHERE d.annotator_id = person AND d.verdict <> 'accepted' AND {_OPEN} AND d.appeal_by > clock_timestamp()
             AND NOT EXISTS (SELECT 1 FROM projects_review_appeal x WHERE x.annotation_id = d.annotation_id)) n
       JOIN projects_work_annotation a ON a.id = n.annotation_id
       JOIN projects_enrollment_enrollment e ON e.id = a.enrollment_id
       JOIN projects_plan_project p ON p.id = e.project_id
       JOIN rlhfhub_tenancy_workspace w ON w.id = e.workspace_id
       WHERE {_OWN} AND {_SHOWN}
       GROUP BY e.id, p.name, w.name ORDER BY LEAST(min(n.revise_by), min(n.appeal_by)), e.id LIMIT most""",
    ),
    Door(
        "door_own_held",
        "person uuid",
        "TABLE (enrollment_id uuid, currency varchar, answers bigint, amount_minor bigint)",
        f"""SELECT e.id, a.currency, count(*), sum(a.price_minor)::bigint
       FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
       JOIN projects_enrollment_enrollment e ON e.id = a.enrollment_id
       WHERE d.annotator_id = person AND d.verdict <> 'accepted' AND {_OPEN} AND a.price_minor > 0 AND {_OWN}
       GROUP BY e.id, a.currency ORDER BY e.id, a.currency""",
        (DOOR, ANNOTATOR),
    ),
]
