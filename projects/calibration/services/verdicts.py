"""Decides attempts: as soon as the pass rule has enough evidence, or when the annotator has no item left to answer."""

import uuid
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from projects.calibration import notices
from projects.calibration.models import Attempt, Mark, Round, RoundItem
from projects.calibration.rule import least_judged, test_of
from projects.calibration.services import attempts
from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.stats.intervals import wilson_interval
from projects.stats.sequential import Outcome
from projects.work.models import Annotation, Lease, Purpose, Slot
from rlhfhub.ground import locks
from rlhfhub.tenancy import clock, prepared

# Whoever takes a lease holds this lock, until it can be seen by others.
_AT_THE_DESK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"


def locked(enrollment_id: uuid.UUID) -> QuerySet[Attempt]:
    """Lock an enrollment, and return its attempts, which are locked when they are read. System plane.

    Everybody locks an enrollment before its attempt, as whoever pauses somebody does: else they could deadlock.
    """
    list(Enrollment.objects.select_for_update(no_key=True).filter(pk=enrollment_id))
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("round")
    return rows.filter(enrollment=enrollment_id)


def decide(*, attempt: Attempt) -> bool:
    """Decide a running attempt if its evidence suffices, or nothing more can be answered. System plane.

    In the second case the likelier side decides if enough answers were judged (`rule.least_judged`). With fewer, which
    is the project's doing, the attempt is left, and another one is possible.

    The caller holds the attempt's row, which was read with its round.

    Returns: whether it is decided now.
    """
    test, misses = test_of(attempt.round), misses_of(attempt)
    verdict = test.verdict(attempt.hits, misses)
    if verdict:
        _end(attempt, verdict, "")
        return True
    ending = _ending(attempt) and _ending_at_the_desk(attempt)
    if not ending:
        return False
    if attempt.hits + misses >= least_judged(attempt.round.items):
        _end(attempt, "pass" if test.evidence(attempt.hits, misses) > 0 else "fail", ending)
    else:
        _leave(attempt, ending)
    return True


def leave_idle(*, attempt: Attempt) -> bool:
    """Leave a running attempt whose annotator has stopped answering.

    It is not left if it began or went on meanwhile, or if an item is held or was answered. System plane. The caller
    holds the attempt's row, which was read with its round.

    Returns: whether it is left now.
    """
    prepared.run(_AT_THE_DESK, [str(attempt.enrollment_id), locks.DESK])
    days = attempt.round.idle_days
    since = clock.now() - timedelta(days=days)
    answers = Annotation.objects.filter(enrollment=attempt.enrollment_id, batch=attempt.batch_id)
    if (attempt.resumed_at or attempt.began_at) >= since:
        return False
    if _holds_one(attempt) or answers.filter(submitted_at__gte=since).exists():
        return False
    attempt.was_idle = True
    _store(
        attempt,
        Attempt.State.LEFT,
        f"You gave no answer for {days} days, so others can have your seat. You can go on with this attempt while its "
        "round is open and a seat is free. Your answers so far stay.",
    )
    return True


def misses_of(attempt: Attempt) -> int:
    """Return how many misses the pass rule uses: wrong answers, and returned items beyond the tenth that is free."""
    return attempt.seen - attempt.hits + _returned_too_many(attempt)


def _returned_too_many(attempt: Attempt) -> int:
    person = Enrollment.objects.values("annotator_id").filter(pk=attempt.enrollment_id)
    items = RoundItem.objects.values("item").filter(round=attempt.round_id, attempt=attempt.number)
    leases = Lease.objects.filter(annotator_id__in=person, item__in=items)
    leases = leases.filter(slot__batch=attempt.batch_id, ended_as=Lease.EndedAs.RETURNED)
    returned: int = leases.count()
    free: int = attempt.round.free_returns
    return max(0, returned - free)


def _ending(attempt: Attempt) -> str:
    """Return why nothing more can be answered in this attempt; empty while something can."""
    if _is_over(attempt):
        return "The round was closed."
    # In this order: an answer given meanwhile is found unmarked, or as the item that is held.
    if not _can_get_one(attempt) and _all_marked(attempt):
        return "No item is left to answer."
    return ""


def _ending_at_the_desk(attempt: Attempt) -> str:
    """Return `_ending` after a lease has ended that the annotator was taking while the round was closed."""
    prepared.run(_AT_THE_DESK, [str(attempt.enrollment_id), locks.DESK])
    return _ending(attempt)


def _is_over(attempt: Attempt) -> bool:
    """Return whether the round or the attempt's batch is closed and the annotator holds no item any more."""
    closed = (
        Round.objects.filter(pk=attempt.round_id, state=Round.State.CLOSED).exists()
        or Batch.objects.filter(pk=attempt.batch_id, status__in=["closed", "signed_off"]).exists()
    )
    return closed and not _holds_one(attempt) and _all_marked(attempt)


def _holds_one(attempt: Attempt) -> bool:
    live = Lease.objects.filter(enrollment=attempt.enrollment_id, ended_at=None)
    return live.filter(slot__batch=attempt.batch_id).exists()


def _all_marked(attempt: Attempt) -> bool:
    answers = Annotation.objects.filter(
        enrollment=attempt.enrollment_id, batch=attempt.batch_id, purpose=Purpose.CALIBRATION
    )
    return answers.count() == Mark.objects.filter(attempt=attempt).count()


def _can_get_one(attempt: Attempt) -> bool:
    """Return whether the annotator holds an item of the attempt, or a slot is open on one that they have not had."""
    person = Enrollment.objects.values("annotator_id").filter(pk=attempt.enrollment_id)
    had = Lease.objects.filter(annotator_id__in=person, item=OuterRef("item")).filter(
        Q(ended_as=None) | Q(ended_as__in=[Lease.EndedAs.SUBMITTED, Lease.EndedAs.RETURNED])
    )
    left = Slot.objects.filter(batch=attempt.batch_id, state=Slot.State.OPEN).exclude(Exists(had))
    return _holds_one(attempt) or left.exists()


def _leave(attempt: Attempt, ending: str) -> None:
    """End the attempt without a verdict. Who was recalibrated did nothing wrong and goes on with main work."""
    words = (
        f"{ending} {attempt.seen} of your answers could be judged, and a verdict needs "
        f"{least_judged(attempt.round.items)}, so there is none."
    )
    if attempt.cause in attempts.RECALIBRATES:
        if attempts.reinstate(enrollment_id=attempt.enrollment_id, why=words):
            attempt.refresh_from_db()
            notices.tell_of_end(attempt)
    else:
        _store(attempt, Attempt.State.LEFT, words)


def _end(attempt: Attempt, verdict: Outcome, ending: str) -> None:
    below = _category_below(attempt) if verdict == "pass" else ""
    state = Attempt.State.PASSED if verdict == "pass" and not below else Attempt.State.FAILED
    words = [ending, _score(attempt), _returned(attempt), below or _bound(attempt, state)]
    _store(attempt, state, " ".join(part for part in words if part))


def _score(attempt: Attempt) -> str:
    interval = wilson_interval(attempt.hits, attempt.seen)
    share = f"{attempt.hits} of {attempt.seen} judged answers were right"
    if interval is None:
        return "No answer could be judged."
    low, high = (round(end * 100) for end in interval)
    return (
        f"{share} ({round(attempt.hits / attempt.seen * 100)} %; 95 % interval {low} to {high} %)."
    )


def _returned(attempt: Attempt) -> str:
    """Say how many returned items count as wrong answers; empty if none does."""
    count, free = _returned_too_many(attempt), attempt.round.free_returns
    if not count:
        return ""
    return f"{free} items may be returned; {count} more were, and each of these counts as a wrong answer."


def _bound(attempt: Attempt, state: str) -> str:
    side = "for" if state == Attempt.State.PASSED else "against"
    return f"About {round(attempt.round.pass_at * 100)} % is asked for, and these answers speak {side} it."


def _category_below(attempt: Attempt) -> str:
    """Return in words which category is certainly below the round's floor; empty if none is."""
    floor = attempt.round.category_floor
    if floor is None:
        return ""
    rows = Mark.objects.filter(attempt=attempt, counted=True).exclude(rule="")
    sums = (
        rows.order_by()
        .values_list("rule")
        .annotate(n=Count("id"), hits=Count("id", filter=Q(hit=True)))
    )
    for rule, seen, hits in sums.order_by("rule"):
        interval = wilson_interval(hits, seen)
        if interval is not None and interval[1] < floor:
            return (
                f"But of the {seen} items about rule {rule} only {hits} were right, and this round asks for "
                f"{round(floor * 100)} % on every rule."
            )
    return ""


def _store(attempt: Attempt, state: str, why: str) -> None:
    attempt.state, attempt.why, attempt.decided_at = state, why[:1000], clock.now()
    attempt.save(update_fields=["state", "why", "decided_at", "was_idle"])
    notices.tell_of_end(attempt)
