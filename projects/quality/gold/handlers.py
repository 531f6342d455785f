"""The event handler that holds answers to keyed items and repeats against what is known."""

from collections.abc import Sequence

from projects.quality.gold import answers
from projects.work.services.annotations import SUBMITTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact


def on_answer(facts: Sequence[Fact]) -> None:
    """Judge the answers, in one call for all waiting events of a workspace. The subject of an event is an answer."""
    answers.store([fact.subject_id for fact in facts])


# An answer to a keyed item whose keys are all to questions that the form no longer has owes nothing.
_MISSING = """
    SELECT a.workspace_id, a.id AS subject_id,
           jsonb_build_object('item_id', a.item_id, 'project_id', a.project_id) AS data
    FROM projects_work_annotation a JOIN projects_plan_form f ON f.id = a.form_id
    WHERE a.id > %(after)s AND a.id <= %(end)s AND a.purpose IN ('gold', 'calibration')
      AND NOT EXISTS (SELECT 1 FROM projects_quality_goldanswer g WHERE g.annotation_id = a.id)
      AND EXISTS (SELECT 1 FROM projects_items_key k, jsonb_array_elements(f.questions) AS q
                  WHERE k.item_id = a.item_id AND k.question = q ->> 'name')
    UNION ALL
    SELECT a.workspace_id, a.id, jsonb_build_object('item_id', a.item_id, 'project_id', a.project_id)
    FROM projects_work_annotation a JOIN projects_items_item i ON i.id = a.item_id
    JOIN projects_work_annotation f ON f.item_id = i.repeat_of_id AND f.annotator_id = a.annotator_id
    WHERE a.id > %(after)s AND a.id <= %(end)s AND a.purpose = 'repeat' AND a.units && f.units
      AND NOT EXISTS (SELECT 1 FROM projects_quality_repeatjudgment r WHERE r.annotation_id = a.id)
"""
JUDGED_OWED = Debt(
    "an answer to gold or to a repeat is judged",
    SUBMITTED,
    "projects_work_annotation",
    _MISSING,
)


def register() -> None:
    """Subscribe the handler and register the check for missed events. Called once the apps are ready."""
    debts.register(JUDGED_OWED)
    outbox.subscribe(SUBMITTED, on_answer)
