"""The walls of rounds, attempts and marks, and the doors by which annotators calibrate.

Annotators have no grant on any of these tables: a running attempt says nothing of hits, and keys stay secret until its
verdict.
"""

from rlhfhub.tenancy.rules import (
    ADD,
    ANNOTATOR,
    ANY,
    DOOR,
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

WALLS: dict[str, Wall] = {
    "projects_calibration_round": seen_by_members(
        "SELECT, INSERT, UPDATE (state, guideline_version_id, opened_at, closed_at, override_by_id, override_at, "
        "override_reason)",
        keeper=Rule(READ),
    ),
    "projects_calibration_rounditem": seen_by_members(ADD, keeper=Rule(READ)),
    "projects_calibration_attempt": seen_by_members(
        READ,
        system=Rule("SELECT, UPDATE (state, seen, hits, decided_at, why, was_idle)", ANY),
        keeper=Rule("SELECT, INSERT, UPDATE (state, resumed_at, decided_at, why, was_idle)"),
    ),
    "projects_calibration_mark": seen_by_members(READ, system=Rule(ADD, ANY), keeper=Rule(READ)),
}

_MINE = f"e.annotator_id = {setting('person')}"

DOORS = [
    # An annotator begins an attempt by accepting the guidelines; or the second one, or goes on with an idle one, by
    # asking for it (`retake`).
    Door(
        "door_calibration_begin",
        "only_enrollment uuid, retake boolean",
        "text",
        f"""SELECT calibration_begin(e.id, CASE WHEN retake THEN 'retake' ELSE 'joined' END)
       FROM projects_enrollment_enrollment e WHERE e.id = only_enrollment AND {_MINE}""",
        (ANNOTATOR,),
    ),
    Door(
        "door_calibrate",
        "only_enrollment uuid, why text",
        "text",
        f"""SELECT calibration_begin(e.id, why) FROM projects_enrollment_enrollment e
       WHERE e.id = only_enrollment AND e.{WS}""",
        (WORKSPACE, SYSTEM),
    ),
    # What keeps an active annotator from a recalibration, in one word; empty if it can begin now.
    Door(
        "door_calibration_obstacle",
        "only_enrollment uuid",
        "text",
        f"""SELECT CASE WHEN s.calibration <> 'required' THEN 'not_asked' WHEN s.state = 'calibrating' THEN 'running'
              WHEN s.state <> 'active' THEN 'not_active' WHEN NOT s.has_accepted THEN 'not_accepted'
              WHEN s.is_current THEN 'running' WHEN s.is_early THEN 'too_early'
              WHEN NOT EXISTS (SELECT 1 FROM calibration_next(e.id, false)) THEN 'no_round' ELSE '' END
       FROM projects_enrollment_enrollment e CROSS JOIN LATERAL calibration_standing(e.id) s
       WHERE e.id = only_enrollment AND e.{WS}""",
        (WORKSPACE, SYSTEM),
    ),
    Door(
        "door_uncalibrate",
        "only_enrollment uuid, because text, begun_by timestamptz",
        "boolean",
        f"""SELECT calibration_undo(e.id, because, begun_by) FROM projects_enrollment_enrollment e
       WHERE e.id = only_enrollment AND e.{WS}""",
        (WORKSPACE, SYSTEM),
    ),
    # Who waits, in the order of joining, and can begin now: nobody else, so that nobody keeps others from their turn.
    # Who failed last is left out unless `also_failed`: they ask for the next attempt, as do those who were idle.
    Door(
        "door_calibration_waiting",
        "only_project uuid, also_failed boolean, most integer",
        "TABLE (id uuid)",
        f"""WITH seats AS MATERIALIZED (
           SELECT DISTINCT r.project_id FROM projects_calibration_round r
           WHERE r.state = 'open' AND r.{WS} AND (only_project IS NULL OR r.project_id = only_project)
             AND (calibration_has_seat(r.id, 1, NULL) OR calibration_has_seat(r.id, 2, NULL)))
       SELECT e.id FROM seats JOIN projects_enrollment_enrollment e ON e.project_id = seats.project_id
       WHERE e.state = 'calibrating'
         AND COALESCE((SELECT a.state <> 'running' AND NOT a.was_idle AND (a.state <> 'failed' OR also_failed)
                       FROM projects_calibration_attempt a
                       WHERE a.enrollment_id = e.id ORDER BY a.began_at DESC, a.id DESC LIMIT 1), true)
         AND (SELECT s.calibration = 'required' AND s.has_accepted AND NOT s.is_early FROM calibration_standing(e.id) s)
         AND EXISTS (SELECT 1 FROM calibration_next(e.id, false))
       ORDER BY e.id LIMIT most""",
        (WORKSPACE, SYSTEM),
    ),
    # What a person who calibrates can do in each of their enrollments: `projects.calibration.own.OwnStep`.
    Door(
        "door_calibration_steps",
        "person uuid, only_enrollments uuid[]",
        "TABLE (enrollment_id uuid, step text, at timestamptz)",
        f"""SELECT e.id,
         CASE WHEN e.state = 'active' THEN 'passed' WHEN e.state IN ('paused', 'ended') THEN 'stopped'
              WHEN last.state = 'running' THEN 'answer'
              WHEN last.state IS NULL OR last.state <> 'failed' AND NOT last.was_idle THEN 'none'
              WHEN next.round_id IS NULL THEN 'closed'
              WHEN (SELECT s.is_early FROM calibration_standing(e.id) s) THEN 'wait'
              WHEN next.attempt_id IS NOT NULL THEN 'resume' WHEN last.was_idle THEN 'again' ELSE 'retake' END,
         CASE WHEN last.state = 'failed' THEN last.decided_at + last.wait_hours * interval '1 hour' END
       FROM projects_enrollment_enrollment e LEFT JOIN LATERAL (
           SELECT a.state, a.was_idle, a.decided_at, r.wait_hours
           FROM projects_calibration_attempt a JOIN projects_calibration_round r ON r.id = a.round_id
           WHERE a.enrollment_id = e.id ORDER BY a.began_at DESC, a.id DESC LIMIT 1) last ON true
       LEFT JOIN LATERAL (
           SELECT n.round_id, n.attempt_id FROM calibration_next(e.id, true) n
           WHERE e.state = 'calibrating' AND (last.state = 'failed' OR last.was_idle)) next ON true
       WHERE e.id = ANY(only_enrollments) AND e.annotator_id = person
         AND person = COALESCE({setting("person")}, person)""",
        (DOOR, ANNOTATOR),
    ),
    # The counts of a running attempt are left out.
    Door(
        "door_calibration_attempts",
        "only_enrollment uuid",
        "TABLE (id uuid, round integer, number smallint, state text, cause text, batch_id uuid, items smallint, "
        "idle_days smallint, seen smallint, hits smallint, why varchar, began_at timestamptz, "
        "decided_at timestamptz, may_retake_at timestamptz, returned integer)",
        f"""SELECT a.id, r.number, a.number, a.state, a.cause, a.batch_id, r.items, r.idle_days,
              CASE WHEN a.state <> 'running' THEN a.seen END, CASE WHEN a.state <> 'running' THEN a.hits END,
              a.why, a.began_at, a.decided_at,
              CASE WHEN a.state = 'failed' THEN a.decided_at + r.wait_hours * interval '1 hour' END,
              (SELECT count(*)::integer FROM projects_calibration_rounditem n
               JOIN projects_work_lease l ON l.annotator_id = e.annotator_id AND l.item_id = n.item_id
               JOIN projects_work_slot s ON s.id = l.slot_id AND s.batch_id = a.batch_id
               WHERE n.round_id = a.round_id AND n.attempt = a.number AND l.ended_as = 'returned')
       FROM projects_enrollment_enrollment e JOIN projects_calibration_attempt a ON a.enrollment_id = e.id
       JOIN projects_calibration_round r ON r.id = a.round_id
       WHERE e.id = only_enrollment AND {_MINE} ORDER BY a.began_at, a.id""",
        (ANNOTATOR,),
    ),
    # How many answers of an annotator's running attempt are not marked yet.
    Door(
        "door_calibration_unmarked",
        "only_enrollment uuid",
        "integer",
        f"""SELECT count(a.id)::integer
       FROM projects_enrollment_enrollment e
       LEFT JOIN projects_calibration_attempt t ON t.enrollment_id = e.id AND t.state = 'running'
       LEFT JOIN projects_work_annotation a ON a.enrollment_id = e.id AND a.batch_id = t.batch_id
         AND NOT EXISTS (SELECT 1 FROM projects_calibration_mark m WHERE m.annotation_id = a.id)
       WHERE e.id = only_enrollment AND {_MINE} GROUP BY e.id""",
        (ANNOTATOR,),
    ),
    # How many more annotators must pass until main batches may open in an annotator's project.
    Door(
        "door_calibration_awaited",
        "only_enrollment uuid",
        "integer",
        f"""SELECT CASE WHEN r.override_at IS NULL THEN GREATEST(0, r.needed - (
                  SELECT count(DISTINCT a.enrollment_id) FROM projects_calibration_attempt a
                  WHERE a.round_id = r.id AND a.state = 'passed'))::integer ELSE 0 END
       FROM projects_enrollment_enrollment e JOIN LATERAL (
           SELECT n.id, n.needed, n.override_at FROM projects_calibration_round n
           WHERE n.project_id = e.project_id AND n.opened_at IS NOT NULL ORDER BY n.number DESC LIMIT 1) r ON true
       WHERE e.id = only_enrollment AND {_MINE}""",
        (ANNOTATOR,),
    ),
    # The answers of a decided attempt with the keys that they were compared with.
    Door(
        "door_calibration_feedback",
        "only_attempt uuid",
        "TABLE (annotation_id uuid, nth smallint, question varchar, hit boolean, counted boolean, reference jsonb, "
        "rule varchar, note varchar, prompt jsonb, responses jsonb)",
        f"""SELECT m.annotation_id, m.position, r.question, m.hit, m.counted, m.reference, m.rule, m.note, i.prompt,
              i.responses
       FROM projects_calibration_attempt a JOIN projects_enrollment_enrollment e ON e.id = a.enrollment_id
       JOIN projects_calibration_round r ON r.id = a.round_id
       JOIN projects_calibration_mark m ON m.attempt_id = a.id JOIN projects_items_item i ON i.id = m.item_id
       WHERE a.id = only_attempt AND a.state IN ('passed', 'failed') AND {_MINE} ORDER BY m.position""",
        (ANNOTATOR,),
    ),
]
