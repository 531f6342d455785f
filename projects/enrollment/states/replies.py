"""What staff do with annotators' replies about their states."""

import uuid

from projects.enrollment.states.models import EnrollmentReply
from rlhfhub.tenancy import audit, clock


def mark_read(*, reply: EnrollmentReply, staff_id: uuid.UUID) -> None:
    """Note that staff have read a reply. Staff plane. Reading it twice changes nothing."""
    unread = EnrollmentReply.objects.filter(pk=reply.pk, read_at=None)
    if unread.update(read_at=clock.now(), read_by_id=staff_id):
        audit.note("enrollment.reply_read", reply.pk, actor_id=staff_id)
