"""The walls (row-level policies and grants) of the quality room's tables, and the door to own gold."""

from rlhfhub.tenancy.rules import (
    ADD,
    ANNOTATOR,
    DOOR,
    MINE,
    READ,
    WS,
    Door,
    Rule,
    Wall,
    seen_by_members,
    setting,
)

# An annotator is told of an alert at a time of its own, so that no moment tells which item was keyed. What they are not
# granted: the evidence, and when the alert was opened and will lift itself.
_ABOUT_ME = (
    "told_at <= clock_timestamp() AND EXISTS (SELECT 1 FROM projects_enrollment_enrollment e "
    f"WHERE e.id = projects_quality_alert.enrollment_id AND e.annotator_id = {setting('person')}) AND {WS}"
)

WALLS: dict[str, Wall] = {
    "projects_quality_tally": seen_by_members(
        "SELECT, INSERT, UPDATE (facets, first, counted, answers, counted_answers, lead, votes, margin, decided, "
        "chose_first, updated_at)"
    ),
    "projects_quality_agreementsnapshot": seen_by_members("SELECT, INSERT, DELETE"),
    "projects_quality_partagreement": seen_by_members("SELECT, INSERT, DELETE"),
    "projects_quality_annotatorfigures": seen_by_members("SELECT, INSERT, UPDATE"),
    "projects_quality_monitor": seen_by_members(
        "SELECT, INSERT, UPDATE (state, seen, level, since, at)"
    ),
    "projects_quality_score": seen_by_members(ADD),
    "projects_quality_alert": seen_by_members(
        "SELECT, INSERT, UPDATE (state, by, decided_by_id, decided_at, note, swapped_at)",
        annotator=Rule(
            "SELECT (id, workspace_id, project_id, enrollment_id, kind, state, told_at, swapped_at, reply, "
            "replied_at, by, decided_at, note), UPDATE (reply, replied_at)",
            _ABOUT_ME,
        ),
    ),
    "projects_quality_ownfigures": seen_by_members(
        "SELECT, INSERT, UPDATE (agreement, agreement_low, agreement_high, compared, shown_on)",
        annotator=Rule(READ, MINE),
    ),
    "projects_quality_stale": seen_by_members("SELECT, INSERT, DELETE"),
    # Annotators read none of it: by a row they could tell which answers were to gold or repeats.
    "projects_quality_goldanswer": seen_by_members(
        ADD,
        keeper=Rule("SELECT (id, item_id, enrollment_id, question, purpose, hit, submitted_at)"),
    ),
    "projects_quality_repeatjudgment": seen_by_members(ADD),
    "projects_quality_keyfigures": seen_by_members("SELECT, INSERT, DELETE"),
    # Whoever may join a project sees them through a door.
    "projects_quality_measuredpay": seen_by_members("SELECT, INSERT, UPDATE", keeper=Rule(READ)),
    "projects_quality_raise": seen_by_members(ADD),
}

DOORS = [
    # Time and pay of these projects, as measured: `projects.plan.hourly.HourlyPay`. Of those of the market, and of
    # members' own ones.
    Door(
        "door_measured_pay",
        "person uuid, projects uuid[]",
        "TABLE (project_id uuid, reading_seconds float8, answers integer, median_seconds float8, "
        "total_seconds float8, pay_minor bigint)",
        """SELECT m.project_id, m.reading_seconds, m.answers, m.median_seconds, m.total_seconds, m.pay_minor
       FROM projects_quality_measuredpay m JOIN projects_plan_project p ON p.id = m.project_id
       WHERE m.project_id = ANY(projects)
         AND (p.access = 'market' OR EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership s
                         WHERE s.workspace_id = p.workspace_id AND s.user_id = person))""",
    ),
    # A person's own gold as of the last midnight UTC and in whole tens, so that no answer's outcome shows by itself.
    # Left out are keys that did not count at that midnight.
    Door(
        "door_own_gold",
        "person uuid, only_enrollment uuid",
        "TABLE (question varchar, judged bigint, hits bigint)",
        """SELECT g.question, count(*), count(*) FILTER (WHERE g.hit)
       FROM (SELECT a.question, a.hit, row_number() OVER (PARTITION BY a.question ORDER BY a.submitted_at, a.id) AS n,
                    count(*) OVER (PARTITION BY a.question) AS whole
             FROM projects_enrollment_enrollment e
             CROSS JOIN (SELECT date_trunc('day', now(), 'UTC') AS midnight) today
             JOIN projects_quality_goldanswer a ON a.enrollment_id = e.id
             WHERE e.annotator_id = person AND e.id = only_enrollment AND a.purpose = 'gold' AND a.hit IS NOT NULL
               AND a.submitted_at < today.midnight
               AND 3 <= (SELECT count(*) FROM projects_items_key k
                         WHERE k.item_id = a.item_id AND k.question = a.question AND k.created_at < today.midnight
                           AND COALESCE(k.retired_at >= today.midnight, true))) g
       WHERE g.n <= g.whole - g.whole % 10 GROUP BY g.question""",
        planes=(DOOR, ANNOTATOR),
    ),
]
