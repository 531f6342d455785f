"""Services of rounds: make, open and close them, and override their gate. Workspace plane."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import asdict

from django.db.models import Max

from projects.calibration import draws, rule
from projects.calibration.balance import Keyed
from projects.calibration.gate import gate_of
from projects.calibration.models import Round, RoundItem
from projects.calibration.pool import Pool, can_be_asked, pool_of
from projects.calibration.rule import ATTEMPTS, PassRule, test_of
from projects.calibration.services import attempts
from projects.items import services as batches
from projects.items.models import Batch
from projects.kinds.protocol import Question
from projects.plan.models import Project
from projects.stats.intervals import wilson_interval
from rlhfhub.events import outbox
from rlhfhub.ground import locks
from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock, prepared
from rlhfhub.tenancy.models import Membership
from rlhfhub.tenancy.roles import Role

ROUND_CLOSED = "calibration.round_closed"
LEAST_REASON_CHARS, MOST_REASON_CHARS = 20, 2000
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"


def make_round(*, project: Project, settings: PassRule, actor_id: uuid.UUID | None) -> Round:
    """Make the project's next round: draw the items of both attempts from the pool, and make their two batches.

    Raises: Refused, naming the field, for a rule that can never be met; (`pool_too_small`) if the pool has too few
    items with a certain right answer; (`pool_unbalanced`) if somebody could pass by the same answer to every item.
    """
    project = (
        Project.objects.select_for_update(of=("self",)).select_related("form").get(pk=project.pk)
    )
    question = _question(project, settings.question)
    rule.check(settings)
    pool = pool_of(project, settings.question)
    _check_pool(pool, settings)
    drawn = _drawn(question, pool, settings)
    last = Round.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    found = _saved(project, settings, last + 1, actor_id)
    RoundItem.objects.bulk_create(
        RoundItem(
            workspace_id=project.workspace_id,
            round=found,
            attempt=attempt,
            position=at + 1,
            item_id=keyed.item,
            is_start=at in starts,
        )
        for attempt, chosen in enumerate(drawn, 1)
        for starts in [draws.starts_of(question, chosen, test_of(settings))]
        for at, keyed in enumerate(chosen)
    )
    audit.note("calibration.round", found.pk, actor_id=actor_id, data=asdict(settings))
    return found


def _question(project: Project, name: str) -> Question:
    if name not in can_be_asked(project):
        names = ", ".join(can_be_asked(project)) or "none of this form"
        raise invalid(
            "question", f"Choose a question whose answers can be right or wrong: {names}."
        )
    questions: Sequence[Question] = project.form.questions if project.form else []
    return next(question for question in questions if question["name"] == name)


def _check_pool(pool: Pool, settings: PassRule) -> None:
    needed = ATTEMPTS * settings.items
    if len(pool.items) < needed:
        words = (
            f"The pool has {len(pool.items)} items on which three people give the same right answer, and two attempts "
            f"of {settings.items} items need {needed} different ones. Give more right answers, or use fewer items."
        )
        raise Refused("pool_too_small", words, status=409)
    floor = settings.category_floor
    if floor is not None and not any(_can_fail(count, floor) for count in pool.rules.values()):
        raise invalid(
            "category_floor",
            "No guideline rule has enough keyed items for this to ever fail anybody. Name the rule of right answers, "
            "or leave this empty.",
        )


def _can_fail(items: int, floor: float) -> bool:
    """Return whether the whole interval of somebody who misses all of so many items lies below the floor."""
    interval = wilson_interval(0, items)
    return interval is not None and interval[1] < floor


def _drawn(question: Question, pool: Pool, settings: PassRule) -> list[list[Keyed]]:
    rng = random.SystemRandom()
    try:
        return draws.draw(question, pool.items, test_of(settings), sets=ATTEMPTS, rng=rng)
    except draws.Unbalanced as unbalanced:
        words = (
            f"Somebody could pass by giving the same answer to every item: {unbalanced.words}. Add keyed items with "
            "other right answers, so that no single answer is right too often."
        )
        raise Refused("pool_unbalanced", words, status=409) from unbalanced


def _saved(project: Project, settings: PassRule, number: int, actor_id: uuid.UUID | None) -> Round:
    if project.form_id is None:
        raise RuntimeError("every project is created with a form")
    title, items = f"Calibration {number}", settings.items
    found = Round(
        workspace_id=project.workspace_id,
        project=project,
        number=number,
        form_id=project.form_id,
        created_by_id=actor_id,
        **asdict(settings),
    )
    found.batch = batches.create_calibration_batch(
        project=project, name=title, items=items, overlap=found.seats
    )
    found.retake_batch = batches.create_calibration_batch(
        project=project, name=f"{title}, second attempt", items=items, overlap=found.retake_seats
    )
    found.save(force_insert=True)
    return found


def open_round(*, of: Round, actor_id: uuid.UUID | None) -> Round:
    """Open a round whose two batches are funded and open; attempts of annotators who wait begin at once.

    Opening an open round does nothing.

    Raises: Refused if the round is closed, or no guidelines are in force.
    """
    found = locked(of)
    if found.state == Round.State.OPEN:
        return found
    if found.state == Round.State.CLOSED:
        raise Refused("closed", "A closed round cannot be opened. Make another one.", status=409)
    for batch in (found.batch, found.retake_batch):
        batches.open_batch(batch=batch, actor_id=actor_id)
    found.state, found.opened_at = Round.State.OPEN, clock.now()
    found.guideline_version_id = found.project.guideline_version_id
    found.save(update_fields=["state", "opened_at", "guideline_version_id"])
    audit.note("calibration.open", found.pk, actor_id=actor_id)
    attempts.begin_waiting(most=found.seats, of=found)
    return found


def close_round(*, of: Round, actor_id: uuid.UUID | None) -> Round:
    """Close a round and its batches; running attempts are then decided by a worker. Closing it again does nothing.

    Raises: Refused while the funding of a batch is running.
    """
    found = locked(of)
    if found.state == Round.State.CLOSED:
        return found
    for batch in (found.batch, found.retake_batch):
        batches.close_batch(batch=batch, actor_id=actor_id)
    found.state, found.closed_at = Round.State.CLOSED, clock.now()
    found.save(update_fields=["state", "closed_at"])
    outbox.emit(kind=ROUND_CLOSED, workspace_id=found.workspace_id, subject_id=found.pk)
    audit.note("calibration.close", found.pk, actor_id=actor_id)
    return found


def override_gate(*, of: Round, reason: str, actor_id: uuid.UUID) -> Round:
    """Let main batches open although the round's gate is closed. Only owners can, and they give a reason.

    Raises: Refused (403) for members who are no owners; for a reason that is too short or too long; and if the gate is
    open, or was overridden before.
    """
    if not Membership.objects.filter(user=actor_id, role=Role.OWNER).exists():
        raise Refused(
            "owners_only", "Only an owner of the workspace can override this.", status=403
        )
    reason = written("reason", reason, least=LEAST_REASON_CHARS, most=MOST_REASON_CHARS)
    found = locked(of)
    if found.override_at is not None:
        raise Refused("overridden", "This was overridden before.", status=409)
    if gate_of(found).is_open:
        words = (
            "The gate is open: batches of your data may open already. There is nothing to override."
        )
        raise Refused("nothing_to_override", words, status=409)
    found.override_by_id, found.override_at, found.override_reason = actor_id, clock.now(), reason
    found.save(update_fields=["override_by_id", "override_at", "override_reason"])
    audit.note("calibration.override", found.pk, actor_id=actor_id, data={"reason": reason})
    return found


def locked(of: Round) -> Round:
    """Lock the project's rounds against attempts that begin meanwhile, and return the round as it is now.

    Everybody takes this lock before that of a batch.
    """
    prepared.run(_ONE_AT_A_TIME, [str(of.project_id), locks.ROUNDS_OF_A_PROJECT])
    rows = Round.objects.select_related("project", "batch", "retake_batch")
    found: Round = rows.get(pk=of.pk)
    return found


def batches_of(of: Round) -> tuple[Batch, Batch]:
    """Return the round's batches: of the first attempt, and of the second."""
    return of.batch, of.retake_batch
