"""What staff see and do about mails, and how long rows are kept."""

from datetime import timedelta
from typing import Any

import pytest
from django_scopes import scopes_disabled

from rlhfhub.ground.ids import first_id_since
from rlhfhub.notices import forgetting, outbox, watch
from rlhfhub.notices.models import Mail, Notice
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests.factories import Tenant
from tests.notices.told import age, deliver, mails, make_reachable, notices, tell

pytestmark = pytest.mark.usefixtures("mailed_at_once")


def make_waiting(tenant: Tenant, settings: Any, count: int = 1) -> None:
    """Make mails that a server which is away did not take."""
    settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for _ in range(count):
        tell(tenant, make_reachable())
    deliver()


def test_late_mails_are_a_warning_with_their_error(workspace_a: Tenant, settings: Any) -> None:
    make_waiting(workspace_a, settings, 2)
    assert watch.warnings() == []
    age("mail", "created_at", mins=31)
    (words,) = watch.warnings()
    assert words.startswith(
        "Mails that have waited more than 30 minutes: 2. Last error: Connection"
    )


def test_mails_given_up_are_a_warning_for_a_week(workspace_a: Tenant, settings: Any) -> None:
    make_waiting(workspace_a, settings)
    with planes.entered(Plane.STAFF):
        assert outbox.give_up(mail_ids=[mails()[0].pk], actor_id=None) == 1
    assert watch.warnings() == ["Mails given up in the last 7 days: 1."]
    age("mail", "given_up_at", days=8)
    assert watch.warnings() == []


def test_staff_retry_what_was_given_up_but_nothing_that_was_sent(
    workspace_a: Tenant, settings: Any
) -> None:
    make_waiting(workspace_a, settings)
    backend = "django.core.mail.backends.locmem.EmailBackend"
    waiting = mails()[0]
    with planes.entered(Plane.STAFF):
        outbox.give_up(mail_ids=[waiting.pk], actor_id=None)
        assert outbox.retry(mail_ids=[waiting.pk], actor_id=None) == 1
    settings.MAIL_BACKEND = backend
    deliver()
    assert mails()[0].sent_at
    with planes.entered(Plane.STAFF):
        assert outbox.retry(mail_ids=[waiting.pk], actor_id=None) == 0
        assert outbox.give_up(mail_ids=[waiting.pk], actor_id=None) == 0


def test_no_retry_gives_a_person_two_mails_that_wait(workspace_a: Tenant, settings: Any) -> None:
    user = make_reachable()
    settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for cause in range(3):
        tell(workspace_a, user, cause)
        deliver()
        with planes.entered(Plane.STAFF):
            outbox.give_up(mail_ids=[mails()[-1].pk], actor_id=None)
    with planes.entered(Plane.STAFF):
        assert outbox.retry(mail_ids=[one.pk for one in mails()], actor_id=None) == 1
    assert Mail.objects.filter(given_up_at=None).count() == 1


def test_old_mails_and_read_notices_are_deleted(workspace_a: Tenant) -> None:
    user = make_reachable()
    for cause in range(3):
        tell(workspace_a, user, cause)
        deliver()
    first, second, third = mails()
    Mail.objects.filter(pk__in=[first.pk, second.pk]).update(sent_at=first.created_at)
    age("mail", "sent_at", days=91)
    Mail.objects.filter(pk=third.pk).update(sent_at=third.created_at)
    old, read_lately, unread = notices(user)
    with scopes_disabled():
        ancient = first_id_since(old.created_at - timedelta(days=400))
        Notice.objects.filter(pk=old.pk).update(id=ancient, read_at=old.created_at)
    age("notice", "read_at", days=366)
    read_lately.read_at = read_lately.created_at
    read_lately.save(update_fields=["read_at"])
    assert sum(forgetting.forget()) == 3
    assert mails() == [third]
    left = notices(user)
    assert [one.pk for one in left] == [read_lately.pk, unread.pk]
    assert [one.mail_id for one in left] == [None, third.pk]
    deliver()
    assert len(mails()) == 1, "none is mailed again"
