"""The event handlers that recount tallies after submissions, and mark a project's figures as stale."""

from collections import defaultdict
from collections.abc import Sequence

from projects.items.metadata import KEYS_DECLARED
from projects.quality import stale, tallies
from projects.quality.models import Stale
from projects.review.services.accepting import ACCEPTED
from projects.review.services.appeals import ENDED
from projects.review.services.rejecting import REJECTED
from projects.review.services.returning import RETURNED, REVISED
from projects.work.services.annotations import SUBMITTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact


def on_submitted(facts: Sequence[Fact]) -> None:
    """Recount the tallies of all items with new answers, in one call for all waiting events of a workspace."""
    items = defaultdict(set)
    for fact in facts:
        items[fact.data["project_id"]].add(fact.data["item_id"])
    changed = [
        project_id
        for project_id, item_ids in sorted(items.items())
        if tallies.refresh(project_id=project_id, item_ids=sorted(item_ids))
    ]
    # Answers to gold, repeats and calibration change no tally, and so no agreement.
    figures = [Stale.Figures.AGREEMENT, Stale.Figures.ANNOTATORS]
    stale.mark_stale(project_ids=changed, figures=figures)


def on_decided(facts: Sequence[Fact]) -> None:
    """Recount the tallies of items whose answers count now, or no longer do. The subject of the fact is the project."""
    items = defaultdict(set)
    for fact in facts:
        items[str(fact.subject_id)].update(fact.data["item_ids"])
    for project_id, item_ids in sorted(items.items()):
        tallies.refresh(project_id=project_id, item_ids=sorted(item_ids))
    stale.mark_stale(project_ids=sorted(items))


def on_accepted(facts: Sequence[Fact]) -> None:
    """Mark the figures that depend on decisions as stale. The subject of the fact is the project."""
    projects = sorted({str(fact.subject_id) for fact in facts})
    stale.mark_stale(project_ids=projects, figures=[Stale.Figures.ANNOTATORS])


def on_keys_declared(facts: Sequence[Fact]) -> None:
    """Mark the figures by tag as stale, because other metadata keys were declared. The subject is the project."""
    projects = sorted({str(fact.subject_id) for fact in facts})
    stale.mark_stale(project_ids=projects, figures=[Stale.Figures.ANNOTATORS])


# Items whose tallies count another number of answers than there are. Times cannot be compared instead: a recount that
# began before an answer was committed, and therefore missed it, may have stored a later time.
_MISSING = """
    SELECT DISTINCT i.workspace_id, i.item_id AS subject_id,
           jsonb_build_object('item_id', i.item_id, 'project_id', i.project_id) AS data
    FROM ({items}) i
    CROSS JOIN LATERAL (
        SELECT judged.question, count(*) AS answers,
               count(*) FILTER (WHERE judged.now AND NOT a.set_aside
                                AND a.state IN ('submitted', 'accepted')) AS counted
        FROM projects_work_annotation a CROSS JOIN LATERAL (
            SELECT substring(unit FROM '^[a-z0-9_]+') AS question, bool_or(now) AS now FROM (
                SELECT unit, true AS now FROM unnest(a.units) unit
                UNION ALL
                SELECT unit, false FROM projects_work_annotationhistory h, unnest(h.units) unit
                WHERE h.annotation_id = a.id AND h.number = 1) units
            GROUP BY 1) judged
        WHERE a.item_id = i.item_id GROUP BY judged.question) given
    LEFT JOIN projects_quality_tally t ON t.item_id = i.item_id AND t.question = given.question
    WHERE (given.answers, given.counted) <> (COALESCE(t.answers, 0), COALESCE(t.counted_answers, 0))
"""
_ANSWERED = """
    SELECT DISTINCT workspace_id, project_id, item_id FROM projects_work_annotation
    WHERE id > %(after)s AND id <= %(end)s AND purpose = 'data'
"""
_DECIDED = """
    SELECT DISTINCT a.workspace_id, a.project_id, a.item_id FROM projects_review_decision d
    JOIN projects_work_annotation a ON a.id = d.annotation_id AND a.purpose = 'data'
    WHERE d.id > %(after)s AND d.id <= %(end)s AND (
        d.verdict <> 'accepted' OR EXISTS (SELECT FROM projects_review_return r WHERE r.annotation_id = a.id))
"""
COUNTS_OWED = (
    Debt(
        "an annotation is counted in its item's tallies",
        SUBMITTED,
        "projects_work_annotation",
        _MISSING.replace("{items}", _ANSWERED),
    ),
    Debt(
        "a decision is counted in its item's tallies",
        SUBMITTED,
        "projects_review_decision",
        _MISSING.replace("{items}", _DECIDED),
    ),
)


def register() -> None:
    """Subscribe the handlers and register the check for missed events. Called once the apps are ready."""
    for debt in COUNTS_OWED:
        debts.register(debt)
    outbox.subscribe(SUBMITTED, on_submitted)
    outbox.subscribe(ACCEPTED, on_accepted)
    for kind in (REJECTED, RETURNED, REVISED, ENDED):
        outbox.subscribe(kind, on_decided)
    outbox.subscribe(KEYS_DECLARED, on_keys_declared)
