"""The walls (row-level policies and grants) of tallies, agreement and annotators' figures, and the door to own gold."""

from rlhfhub.tenancy.rules import ADD, ANNOTATOR, DOOR, Door, Rule, Wall, seen_by_members

WALLS: dict[str, Wall] = {
    "projects_quality_tally": seen_by_members(
        "SELECT, INSERT, UPDATE (facets, first, counted, answers, counted_answers, lead, votes, margin, decided, "
        "chose_first, updated_at)"
    ),
    "projects_quality_agreementsnapshot": seen_by_members("SELECT, INSERT, DELETE"),
    "projects_quality_partagreement": seen_by_members("SELECT, INSERT, DELETE"),
    "projects_quality_annotatorfigures": seen_by_members("SELECT, INSERT, UPDATE"),
    "projects_quality_stale": seen_by_members("SELECT, INSERT, DELETE"),
    # Annotators read none of it: by a row they could tell which answers were to gold or repeats.
    "projects_quality_goldanswer": seen_by_members(
        ADD,
        keeper=Rule("SELECT (id, item_id, enrollment_id, question, purpose, hit, submitted_at)"),
    ),
    "projects_quality_repeatjudgment": seen_by_members(ADD),
}

DOORS = [
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
