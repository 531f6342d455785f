"""Invariants of review: each decision is in time, and it and each final answer by somebody else than the annotator."""

from rlhfhub.invariants import Invariant, guards, register

# The task runs every few seconds, so an annotation undecided for this long means that it has stopped.
DECIDED_WITHIN = "interval '10 minutes'"

INVARIANTS = (
    Invariant(
        "W11",
        "an annotation's state is what was decided on it, with one decision a stage",
        """SELECT a.id AS annotation, a.state, one.verdict AS stage_1, two.verdict AS stage_2
           FROM projects_work_annotation a
           LEFT JOIN projects_review_decision one ON one.annotation_id = a.id AND one.stage = 1
           LEFT JOIN projects_review_decision two ON two.annotation_id = a.id AND two.stage = 2
           WHERE (a.state IN ('accepted', 'rejected')) <> (one.id IS NOT NULL)
              OR (two.id IS NOT NULL AND one.verdict IS DISTINCT FROM 'rejected')
              OR a.state IN ('accepted', 'rejected') AND a.state <>
                 CASE two.verdict WHEN 'overturned' THEN 'accepted' ELSE one.verdict END""",
    ),
    Invariant(
        "W11",
        "an annotation is in the state returned exactly while its return is open",
        """SELECT a.id AS annotation, a.state FROM projects_work_annotation a
           LEFT JOIN projects_review_return r ON r.annotation_id = a.id
                AND r.answered_at IS NULL AND r.lapsed_at IS NULL
           WHERE (a.state = 'returned') <> (r.id IS NOT NULL)""",
    ),
    Invariant(
        "W11",
        "nobody decides on their own work",
        """SELECT d.id AS decision, d.reviewer_id AS reviewer FROM projects_review_decision d
           LEFT JOIN projects_work_annotation a ON a.id = d.annotation_id
           WHERE d.reviewer_id = a.annotator_id OR a.id IS NULL""",
    ),
    Invariant(
        "W11",
        "decisions are append-only, and each change of state has its decision or return: the guards are in place",
        guards(
            ("append_only", "projects_review_decision"),
            ("not_own", "projects_review_decision"),
            ("accepts", "projects_review_decision"),
            ("cites_rule", "projects_review_decision"),
            ("counted", "projects_review_decision"),
            ("finishes", "projects_review_decision"),
            ("in_time", "projects_review_appeal"),
            ("append_only", "projects_review_appeal"),
            ("left_to_staff", "projects_review_appeal"),
            ("decided", "projects_work_annotation"),
            ("returned", "projects_work_annotation"),
            ("not_own", "projects_review_return"),
            ("edge", "projects_review_return"),
            ("append_only", "projects_review_return"),
            ("priority", "projects_work_annotation"),
            ("requested", "projects_review_bulkaccept"),
            ("edge", "projects_review_bulkaccept"),
            ("append_only", "projects_review_bulkaccept"),
            ("added", "projects_review_bulkanswer"),
            ("edge", "projects_review_bulkanswer"),
            ("append_only", "projects_review_bulkanswer"),
            ("append_only", "projects_review_samplecheck"),
            ("append_only", "projects_review_sampleanswer"),
            ("added", "projects_review_sampleanswer"),
            ("checked", "projects_review_sampleanswer"),
            ("frozen", "projects_review_source"),
            ("append_only", "projects_review_source"),
        ),
    ),
    Invariant(
        "W11",
        "nobody gave the final answer to an item that they had answered",
        """SELECT j.id AS adjudication, j.reviewer_id AS reviewer FROM projects_review_adjudication j
           JOIN projects_work_annotation a ON a.item_id = j.item_id AND a.annotator_id = j.reviewer_id
           WHERE a.submitted_at < j.decided_at""",
    ),
    Invariant(
        "W11",
        "final answers are append-only, numbered, and to answered items of their project: the guards are in place",
        guards(
            ("append_only", "projects_review_adjudication"),
            ("of_item", "projects_review_adjudication"),
            ("adjudicator", "projects_review_adjudication"),
            ("linked", "projects_review_adjudication"),
            ("follows", "projects_review_adjudication"),
            ("adjudicated", "projects_work_lease"),
        ),
    ),
    Invariant(
        "W11",
        "nobody leased an item to which they had given the final answer",
        """SELECT l.id AS lease, j.id AS adjudication FROM projects_review_adjudication j
           JOIN projects_work_lease l ON l.item_id = j.item_id AND l.annotator_id = j.reviewer_id
           WHERE l.leased_at > j.decided_at""",
    ),
    Invariant(
        "W13",
        "no annotation stays undecided after its time",
        f"""SELECT id AS annotation, decide_by FROM projects_work_annotation
            WHERE state = 'submitted' AND decide_by + {DECIDED_WITHIN} < clock_timestamp()""",
    ),
    Invariant(
        "W13",
        "no return, rejection or appeal stays open after its time",
        f"""SELECT r.annotation_id AS annotation, r.revise_by AS due FROM projects_review_return r
            WHERE r.answered_at IS NULL AND r.lapsed_at IS NULL AND r.revise_by + {DECIDED_WITHIN} < clock_timestamp()
            UNION ALL
            SELECT d.annotation_id, COALESCE(p.decide_by, d.appeal_by) FROM projects_review_decision d
            LEFT JOIN projects_review_appeal p ON p.annotation_id = d.annotation_id
            WHERE d.verdict = 'rejected' AND COALESCE(p.decide_by, d.appeal_by) + {DECIDED_WITHIN} < clock_timestamp()
              AND NOT EXISTS (SELECT 1 FROM projects_review_decision e
                              WHERE e.annotation_id = d.annotation_id AND e.stage = 2)""",
    ),
    Invariant(
        "W11",
        "the rejections of a batch are counted, and no more than are allowed",
        """SELECT l.batch_id AS batch, l.rejected AS counted, l.allowed, COALESCE(r.n, 0) AS rejected
           FROM projects_review_rejectlimit l FULL JOIN (
               SELECT a.batch_id, count(*) AS n FROM projects_review_decision d
               JOIN projects_work_annotation a ON a.id = d.annotation_id
               WHERE d.verdict = 'rejected' GROUP BY a.batch_id) r ON r.batch_id = l.batch_id
           WHERE l.rejected IS DISTINCT FROM r.n OR l.rejected > l.allowed""",
    ),
    Invariant(
        "W11",
        "a bulk accept accepts for whoever requested it, after its ten minutes, and counts what became of its answers",
        """SELECT b.id AS bulk_accept, b.accepted, count(n.id) FILTER (WHERE n.outcome = 'accepted') AS outcomes,
                  count(d.id) AS decisions
           FROM projects_review_bulkaccept b
           LEFT JOIN projects_review_bulkanswer n ON n.bulk_accept_id = b.id
           LEFT JOIN projects_review_decision d ON n.outcome = 'accepted' AND d.annotation_id = n.annotation_id
                AND d.verdict = 'accepted' AND d.reviewer_id = b.requested_by_id AND d.decided_at >= b.takes_effect_at
           GROUP BY b.id HAVING b.accepted <> count(d.id)
               OR b.accepted <> count(n.id) FILTER (WHERE n.outcome = 'accepted')
               OR b.decided <> count(n.id) FILTER (WHERE n.outcome = 'decided')
               OR b.returned <> count(n.id) FILTER (WHERE n.outcome = 'returned')
               OR b.linked <> count(n.id) FILTER (WHERE n.outcome = 'linked')""",
    ),
    Invariant(
        "W13",
        "no bulk accept waits long after its ten minutes, and none of its answers when it is done or cancelled",
        f"""SELECT b.id AS bulk_accept, b.takes_effect_at FROM projects_review_bulkaccept b
            WHERE CASE WHEN b.cancelled_at IS NULL AND b.done_at IS NULL
                  THEN b.takes_effect_at + {DECIDED_WITHIN} < clock_timestamp()
                  ELSE EXISTS (
                      SELECT 1 FROM projects_review_bulkanswer n WHERE n.bulk_accept_id = b.id AND n.outcome = '')
                  END""",
    ),
    Invariant(
        "W13",
        "the queue knows which of the answers with priority are undecided",
        """SELECT p.annotation_id AS annotation, p.waits, a.state FROM projects_review_priority p
           JOIN projects_work_annotation a ON a.id = p.annotation_id
           WHERE p.waits <> (a.state = 'submitted')""",
    ),
    Invariant(
        "W8",
        "nobody judges an answer that they gave or rejected, or to an item that they have answered before",
        """SELECT l.id AS lease, s.annotation_id AS answer FROM projects_review_source s
           JOIN projects_work_lease l ON l.item_id = s.item_id
           WHERE l.annotator_id IN (s.annotator_id, s.reviewer_id) OR EXISTS (
               SELECT 1 FROM projects_work_lease o
               WHERE o.annotator_id = l.annotator_id AND o.item_id = s.source_item_id
                 AND o.ended_as IN ('submitted', 'returned'))""",
    ),
    Invariant(
        "W8",
        "each item of a child project is frozen from an answer, of its parent's if it is a review",
        """SELECT i.id AS item, p.purpose FROM projects_items_item i JOIN projects_plan_project p ON p.id = i.project_id
           LEFT JOIN projects_review_source s ON s.item_id = i.id
           LEFT JOIN projects_work_annotation a ON a.id = s.annotation_id
           WHERE p.purpose <> 'work' AND (a.id IS NULL OR s.purpose <> p.purpose OR a.annotator_id <> s.annotator_id
               OR a.item_id <> s.source_item_id OR p.purpose = 'review' AND a.project_id <> p.parent_id)""",
    ),
    Invariant(
        "W11",
        "a review accepts only what all of its people accepted",
        """SELECT d.id AS decision
           FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
           WHERE d.by = 'review' AND a.purpose = 'data' AND NOT EXISTS (
               SELECT 1 FROM projects_review_source s WHERE s.annotation_id = a.id AND s.purpose = 'review'
                 AND NOT EXISTS (
                     SELECT 1 FROM projects_work_slot t LEFT JOIN projects_work_annotation v ON v.slot_id = t.id
                     WHERE t.item_id = s.item_id AND v.answer ->> 'verdict' IS DISTINCT FROM 'accept'))""",
    ),
    Invariant(
        "W13",
        "no decision is automatic before its time, or made before the annotation is submitted",
        """SELECT d.id AS decision, d.decided_at, a.decide_by, r.appeal_by, p.decide_by AS appeal_decide_by
           FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
           LEFT JOIN projects_review_decision r ON r.annotation_id = d.annotation_id AND r.stage = 1
           LEFT JOIN projects_review_appeal p ON p.annotation_id = d.annotation_id
           WHERE d.decided_at < a.submitted_at OR d.by = 'clock' AND d.decided_at <
               CASE d.stage WHEN 1 THEN a.decide_by ELSE COALESCE(p.decide_by, r.appeal_by) END""",
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("projects.review", INVARIANTS)
