"""Queries about enrollments: the list of a project, the history of one enrollment, and what its annotator can do."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from projects.enrollment.models import Enrollment
from projects.enrollment.states import services
from projects.enrollment.states.models import EnrollmentChange, EnrollmentReply
from rlhfhub.tenancy.models import User

MOST_CHANGES = 50


@dataclass(frozen=True, slots=True)
class Reply:
    """What the annotator replied to a change."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an enrollment. `by` is the member's name; empty if the annotator made it, and for annotators."""

    id: uuid.UUID
    from_state: str
    to_state: str
    reason: str
    reason_words: str
    note: str
    at: datetime
    by: str
    is_own: bool
    reply: Reply | None


@dataclass(frozen=True, slots=True)
class OwnState:
    """What an annotator can do about their enrollment: leave it, come back to it, or reply to the last change."""

    state: str
    changes: list[Change]
    may_leave: bool
    may_rejoin: bool
    may_reply: bool

    @property
    def last(self) -> Change | None:
        """The last change; None if the enrollment was never changed by a person."""
        return self.changes[0] if self.changes else None


def enrollments_of(project_id: uuid.UUID) -> QuerySet[Enrollment]:
    """Return the enrollments of a project with their last change: `reason`, `note` and `since`. Workspace plane."""
    last = EnrollmentChange.objects.filter(enrollment=OuterRef("pk")).order_by("-at", "-id")
    found: QuerySet[Enrollment] = Enrollment.objects.filter(project=project_id)
    return found.annotate(
        reason=Subquery(last.values("reason")[:1]),
        note=Subquery(last.values("note")[:1]),
        since=Subquery(last.values("at")[:1]),
    )


def changes_of(enrollment: Enrollment, *, for_members: bool) -> list[Change]:
    """Return the newest 50 changes of an enrollment by people, the newest first, with replies. Members see by whom."""
    rows = EnrollmentChange.objects.filter(enrollment=enrollment).order_by("-at", "-id")
    shown = list(rows[:MOST_CHANGES] if for_members else rows.defer("by_id")[:MOST_CHANGES])
    said = EnrollmentReply.objects.filter(change__in=[row.pk for row in shown])
    replies = {one.change_id: one for one in said.only("change_id", "text", "at")}
    names = _names(shown) if for_members else {}
    return [_shown(row, names, replies.get(row.pk)) for row in shown]


def _names(rows: Sequence[EnrollmentChange]) -> dict[uuid.UUID, str]:
    """Return the names of the members who made these changes. Who has left the workspace is not found."""
    found = User.objects.filter(pk__in={row.by_id for row in rows if not row.is_own})
    return {user.pk: str(user) for user in found.only("name", "email")}


def _shown(
    row: EnrollmentChange, names: dict[uuid.UUID, str], reply: EnrollmentReply | None
) -> Change:
    return Change(
        id=row.pk,
        from_state=row.from_state,
        to_state=row.to_state,
        reason=row.reason,
        reason_words=row.get_reason_display(),
        note=row.note,
        at=row.at,
        by=names.get(row.by_id, "") if names else "",  # which annotators may not read
        is_own=row.is_own,
        reply=Reply(reply.text, reply.at) if reply else None,
    )


def own_state(enrollment: Enrollment) -> OwnState:
    """Return an annotator's own enrollment. Annotator plane."""
    changes = changes_of(enrollment, for_members=False)
    last = changes[0] if changes else None
    state, stopped = enrollment.state, {Enrollment.State.PAUSED, Enrollment.State.ENDED}
    return OwnState(
        state=state,
        changes=changes,
        may_leave=state != Enrollment.State.ENDED,
        may_rejoin=state == Enrollment.State.ENDED
        and last is not None
        and services.may_rejoin(last.reason, last.from_state),
        may_reply=last is not None and state in stopped and not last.is_own and last.reply is None,
    )
