"""What staff can do about mails: try them again now, or give them up."""

import uuid
from collections.abc import Sequence

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from rlhfhub.notices.models import Mail
from rlhfhub.tenancy import audit


def retry(*, mail_ids: Sequence[uuid.UUID], actor_id: uuid.UUID | None) -> int:
    """Try these mails again at once, also those that were given up. Staff plane.

    Left out are sent ones, and those of people who have another mail that waits. Returns how many will be tried.
    """
    chosen = Mail.objects.filter(pk__in=mail_ids, sent_at=None)
    another = Mail.objects.filter(
        person=OuterRef("person"), sent_at=None, given_up_at=None
    ).exclude(pk=OuterRef("pk"))
    count = 0
    for mail_id in chosen.values_list("pk", flat=True):
        # One by one: of two mails of one person that were given up, only the first can wait again.
        count += chosen.filter(~Exists(another), pk=mail_id).update(
            attempts=0, next_at=Now(), given_up_at=None
        )
    audit.note("mail.retry", count, actor_id=actor_id, data=_named(mail_ids))
    return count


def give_up(*, mail_ids: Sequence[uuid.UUID], actor_id: uuid.UUID | None) -> int:
    """Give up those of these mails that wait. Staff plane. Returns how many."""
    waiting = Mail.objects.filter(pk__in=mail_ids, sent_at=None, given_up_at=None)
    count = waiting.update(given_up_at=Now())
    audit.note("mail.give_up", count, actor_id=actor_id, data=_named(mail_ids))
    return count


def _named(mail_ids: Sequence[uuid.UUID]) -> dict[str, list[str]]:
    return {"mails": [str(one) for one in mail_ids]}
