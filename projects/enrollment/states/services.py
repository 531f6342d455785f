"""Verbs of enrollments: a member pauses, resumes, ends or restores one; its annotator leaves, comes back, replies."""

import uuid

from django.db import DatabaseError, IntegrityError, transaction

from projects.enrollment.models import Enrollment
from projects.enrollment.states import notices
from projects.enrollment.states.models import (
    NOTE_CHARS,
    STOP_REASONS,
    EnrollmentChange,
    EnrollmentReply,
)
from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock
from rlhfhub.tenancy.raw import constraint_of

# What refuses a change of an enrollment that is not in the state any more in which it was read.
_MEANWHILE = {"enrollment_by_person", "enrollment_change_states", "enrollment_change_reason"}
_NOT_OPEN = (
    "Members work in unpaid projects of their own workspace, everybody else in projects of the market. This annotator "
    "has joined or left the workspace since, so the project is not open to them any more."
)
State, Reason = Enrollment.State, EnrollmentChange.Reason
#: The states in which an enrollment can be paused.
PAUSABLE = (State.CALIBRATING, State.ACTIVE)


def pause(
    *, enrollment: Enrollment, reason: str, note: str, actor_id: uuid.UUID | None
) -> EnrollmentChange:
    """Pause an annotator's enrollment. They get no new item until it is resumed. Workspace plane.

    A live lease runs to its end under its own terms. What was submitted is decided and paid.

    Raises: Refused (409) if nobody can work in the enrollment now; Refused (400) for a wrong reason or note.
    """
    if enrollment.state not in PAUSABLE:
        raise _not_possible(f"This enrollment is {enrollment.state}, so it cannot be paused.")
    return _stop(enrollment, State.PAUSED, reason, note, actor_id)


def end(
    *, enrollment: Enrollment, reason: str, note: str, actor_id: uuid.UUID | None
) -> EnrollmentChange:
    """End an annotator's enrollment, until a member takes that back. Workspace plane.

    A live lease may still be submitted or returned. What was submitted is decided and paid; an answer that was sent
    back may be revised, and a rejection appealed against.

    Raises: Refused (409) if the enrollment has ended; Refused (400) for a wrong reason or note.
    """
    if enrollment.state == State.ENDED:
        raise _not_possible("This enrollment has ended.")
    return _stop(enrollment, State.ENDED, reason, note, actor_id)


def _stop(
    enrollment: Enrollment, to: str, reason: str, note: str, actor_id: uuid.UUID | None
) -> EnrollmentChange:
    if reason not in STOP_REASONS:
        raise invalid("reason", "choose from " + ", ".join(STOP_REASONS))
    words = written("note", note, most=NOTE_CHARS, least=10)
    change = _change(enrollment, to, reason, words, _member(actor_id))
    notices.tell_of_change(change)
    return change


def resume(
    *, enrollment: Enrollment, note: str = "", actor_id: uuid.UUID | None
) -> EnrollmentChange:
    """Give a paused enrollment back, in the state that it had before the pause. Workspace plane.

    Raises: Refused (409) if the enrollment is not paused.
    """
    pauses = EnrollmentChange.objects.filter(enrollment=enrollment, to_state=State.PAUSED)
    pause = pauses.exclude(reason=Reason.RESTORED).order_by("-at", "-id").first()
    if enrollment.state != State.PAUSED or pause is None:
        raise _not_possible("This enrollment is not paused.")
    return _give_back(enrollment, pause.from_state, Reason.RESUMED, note, actor_id)


def may_restore(reason: str, to_state: str) -> bool:
    """Return whether a member may take back the last change of an enrollment: a member ended it, not the annotator."""
    return to_state == State.ENDED and reason in STOP_REASONS


def restore(
    *, enrollment: Enrollment, note: str = "", actor_id: uuid.UUID | None
) -> EnrollmentChange:
    """Take back the end of an enrollment that a member decided, in the state that it had before. Workspace plane.

    Clearances outlive an end, so whoever was cleared needs no new calibration, unless a major version of the guidelines
    came since. A calibration attempt that was running ended with the enrollment: the annotator waits for another one.

    Raises: Refused (409) if the enrollment has not ended, if the annotator left by themselves, or if they may not work
    in this project any more because they joined or left the workspace.
    """
    last = _last(enrollment)
    if enrollment.state != State.ENDED or last is None:
        raise _not_possible("This enrollment has not ended.")
    if not may_restore(last.reason, last.to_state):
        raise _not_possible("The annotator left this project. They can come back by themselves.")
    return _give_back(enrollment, last.from_state, Reason.RESTORED, note, actor_id)


def _give_back(
    enrollment: Enrollment, to: str, reason: str, note: str, actor_id: uuid.UUID | None
) -> EnrollmentChange:
    words = written("note", note, most=NOTE_CHARS) if note.strip() else ""
    change = _change(enrollment, to, reason, words, _member(actor_id))
    notices.tell_of_change(change)
    return change


def leave(*, enrollment: Enrollment, note: str = "") -> tuple[EnrollmentChange, bool]:
    """End one's own enrollment. A live lease is returned, at no cost; a calibration attempt ends. Annotator plane.

    Leaving an enrollment that has ended changes nothing, also if it ended while this request waited.

    Returns: the change that ended the enrollment, and whether it was made now.
    Raises: Refused (400) for a note that cannot be stored.
    """
    words = written("note", note, most=NOTE_CHARS) if note.strip() else ""
    if enrollment.state != State.ENDED:
        try:
            made = _change(enrollment, State.ENDED, Reason.LEFT, words, enrollment.annotator_id)
        except Refused:
            enrollment.refresh_from_db(fields=["state"])
            if enrollment.state != State.ENDED:
                raise
        else:
            return made, True
    last = _last(enrollment)
    if last is None:
        raise _not_possible("This enrollment has ended.")
    return last, False


def may_rejoin(reason: str, from_state: str) -> bool:
    """Return whether the annotator may come back to an enrollment that ended so: they left it, and not while paused."""
    return reason == Reason.LEFT and from_state != State.PAUSED


def rejoin(*, enrollment: Enrollment) -> EnrollmentChange:
    """Come back to an enrollment that one left: read and accept the guidelines anew. Annotator plane.

    Raises: Refused (409) if the enrollment has not ended, a member ended it, or it was left while it was paused.
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


def reply(*, enrollment: Enrollment, text: str) -> EnrollmentReply:
    """Say, once, what one has to say to the pause or the end of one's enrollment. Annotator plane.

    Raises: Refused (409) if no member paused or ended it last, or if there is a reply; Refused (400) for no words.
    """
    words = written("text", text, most=NOTE_CHARS, least=10)
    last = _last(enrollment)
    if last is None or last.is_own or last.to_state not in {State.PAUSED, State.ENDED}:
        raise _not_possible("Your enrollment is not paused or ended by the workspace.")
    made = EnrollmentReply(
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
        if constraint_of(error) != "enrollment_reply_once":
            raise
        raise Refused(
            "replied_once", "You have replied. That can be done once.", status=409
        ) from error
    notices.tell_of_reply(enrollment, made)
    return made


def _change(
    enrollment: Enrollment, to: str, reason: str, note: str, by_id: uuid.UUID
) -> EnrollmentChange:
    """Insert the change, which a trigger applies to the enrollment. Raises Refused if that changed meanwhile."""
    change = EnrollmentChange(
        workspace_id=enrollment.workspace_id,
        enrollment=enrollment,
        annotator_id=enrollment.annotator_id,
        by_id=by_id,
        from_state=enrollment.state,
        to_state=str(to),
        reason=str(reason),
        note=note,
    )
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except DatabaseError as error:
        if constraint_of(error) == "enrollment_access":
            raise _not_possible(_NOT_OPEN) from error
        if constraint_of(error) not in _MEANWHILE:
            raise
        raise _not_possible("The enrollment has just been changed. Look at it again.") from error
    enrollment.state = change.to_state
    audit.note(f"enrollment.{change.reason}", enrollment.pk, actor_id=by_id)
    return change


def _last(enrollment: Enrollment) -> EnrollmentChange | None:
    """Return the last change of the enrollment. Who made it is not read: annotators may not see that."""
    rows = EnrollmentChange.objects.filter(enrollment=enrollment).defer("by_id")
    last: EnrollmentChange | None = rows.order_by("-at", "-id").first()
    return last


def _member(actor_id: uuid.UUID | None) -> uuid.UUID:
    if actor_id is None:
        raise Refused("no_person", "Only a person changes an enrollment.", status=403)
    return actor_id


def _not_possible(words: str) -> Refused:
    return Refused("not_possible", words, status=409)
