"""Verbs of places: a member pauses, ends or gives back a place; its annotator leaves, comes back, or replies."""

import uuid

from django.db import DatabaseError, IntegrityError, transaction

from projects.enrollment.models import Enrollment
from projects.enrollment.places import notices
from projects.enrollment.places.models import (
    NOTE_CHARS,
    STOP_REASONS,
    PlaceChange,
    PlaceReply,
)
from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock
from rlhfhub.tenancy.raw import constraint_of

State, Reason = Enrollment.State, PlaceChange.Reason
#: The states in which a place can be paused.
PAUSABLE = (State.CALIBRATING, State.ACTIVE)


def pause(
    *, enrollment: Enrollment, reason: str, note: str, actor_id: uuid.UUID | None
) -> PlaceChange:
    """Pause an annotator's place. They get no new item until it is resumed. Workspace plane.

    A live lease runs to its end under its own terms. What was submitted is decided and paid.

    Raises: Refused (409) if the place is not one in which somebody works; Refused (400) for a wrong reason or note.
    """
    if enrollment.state not in PAUSABLE:
        raise _not_possible(f"This place is {enrollment.state}, so it cannot be paused.")
    return _stop(enrollment, State.PAUSED, reason, note, actor_id)


def end(
    *, enrollment: Enrollment, reason: str, note: str, actor_id: uuid.UUID | None
) -> PlaceChange:
    """End an annotator's place for good. Workspace plane.

    A live lease may still be submitted or returned. What was submitted is decided and paid; an answer that was sent
    back may be revised, and a rejection appealed against.

    Raises: Refused (409) if the place has ended; Refused (400) for a wrong reason or note.
    """
    if enrollment.state == State.ENDED:
        raise _not_possible("This place has ended.")
    return _stop(enrollment, State.ENDED, reason, note, actor_id)


def _stop(
    enrollment: Enrollment, to: str, reason: str, note: str, actor_id: uuid.UUID | None
) -> PlaceChange:
    if reason not in STOP_REASONS:
        raise invalid("reason", "choose from " + ", ".join(STOP_REASONS))
    words = written("note", note, most=NOTE_CHARS, least=10)
    change = _change(enrollment, to, reason, words, _member(actor_id))
    notices.tell_of_change(change)
    return change


def resume(*, enrollment: Enrollment, note: str = "", actor_id: uuid.UUID | None) -> PlaceChange:
    """Give a paused place back, in the state that it had before the pause. Workspace plane.

    Raises: Refused (409) if the place is not paused.
    """
    last = _last(enrollment)
    if enrollment.state != State.PAUSED or last is None:
        raise _not_possible("This place is not paused.")
    words = note.strip()[:NOTE_CHARS]
    change = _change(enrollment, last.from_state, Reason.RESUMED, words, _member(actor_id))
    notices.tell_of_change(change)
    return change


def leave(*, enrollment: Enrollment, note: str = "") -> PlaceChange:
    """End one's own place. A live lease is returned, at no cost; a calibration attempt ends. Annotator plane.

    Leaving twice changes nothing. Raises: Refused (400) for a note that cannot be stored.
    """
    if enrollment.state == State.ENDED:
        last = _last(enrollment)
        if last is None:
            raise _not_possible("This place has ended.")
        return last
    words = written("note", note, most=NOTE_CHARS) if note.strip() else ""
    return _change(enrollment, State.ENDED, Reason.LEFT, words, enrollment.annotator_id)


def may_rejoin(reason: str, from_state: str) -> bool:
    """Return whether the annotator may come back to a place that ended so: they left it, and not while paused."""
    return reason == Reason.LEFT and from_state != State.PAUSED


def rejoin(*, enrollment: Enrollment) -> PlaceChange:
    """Come back to a place that one left: read and accept the guidelines anew. Annotator plane.

    Raises: Refused (409) if the place has not ended, a member ended it, or it was left while it was paused.
    """
    last = _last(enrollment)
    if (
        last is None
        or not may_rejoin(last.reason, last.from_state)
        or enrollment.state != State.ENDED
    ):
        raise _not_possible(
            "You can come back only to a project that you left yourself, and not while you were paused."
        )
    return _change(enrollment, State.ONBOARDING, Reason.REJOINED, "", enrollment.annotator_id)


def reply(*, enrollment: Enrollment, text: str) -> PlaceReply:
    """Say, once, what one has to say to the pause or the end of one's place. Annotator plane.

    Raises: Refused (409) if no member paused or ended it last, or if there is a reply; Refused (400) for no words.
    """
    words = written("text", text, most=NOTE_CHARS, least=10)
    last = _last(enrollment)
    if last is None or last.is_own or last.to_state not in {State.PAUSED, State.ENDED}:
        raise _not_possible("Your place is not paused or ended by the workspace.")
    made = PlaceReply(
        workspace_id=enrollment.workspace_id,
        change=last,
        annotator_id=enrollment.annotator_id,
        text=words,
        at=clock.now(),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        if constraint_of(error) != "place_reply_once":
            raise
        raise Refused(
            "replied_once", "You have replied. That can be done once.", status=409
        ) from error
    notices.tell_of_reply(enrollment, made)
    return made


def _change(
    enrollment: Enrollment, to: str, reason: str, note: str, by_id: uuid.UUID
) -> PlaceChange:
    """Insert the change, which a trigger applies to the enrollment. Raises Refused if the place changed meanwhile."""
    change = PlaceChange(
        workspace_id=enrollment.workspace_id,
        enrollment=enrollment,
        annotator_id=enrollment.annotator_id,
        by_id=by_id,
        from_state=enrollment.state,
        to_state=str(to),
        reason=str(reason),
        note=note,
        at=clock.now(),
    )
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except DatabaseError as error:
        if constraint_of(error) != "place_by_person":
            raise
        raise _not_possible("The place has just been changed. Look at it again.") from error
    enrollment.state = change.to_state
    audit.note(f"place.{change.reason}", enrollment.pk, actor_id=by_id)
    return change


def _last(enrollment: Enrollment) -> PlaceChange | None:
    """Return the last change of the place. Who made it is not read: annotators may not see that."""
    rows = PlaceChange.objects.filter(enrollment=enrollment).defer("by_id")
    last: PlaceChange | None = rows.order_by("-at", "-id").first()
    return last


def _member(actor_id: uuid.UUID | None) -> uuid.UUID:
    if actor_id is None:
        raise Refused("no_person", "Only a person pauses or ends a place.", status=403)
    return actor_id


def _not_possible(words: str) -> Refused:
    return Refused("not_possible", words, status=409)
