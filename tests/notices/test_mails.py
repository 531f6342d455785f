"""Mails of notices: one a person at a time, as they want them, with the same words as text and as HTML."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils.html import strip_tags

from annotators.profiles import documents
from rlhfhub.notices import collecting, sending
from rlhfhub.notices.topics import Topic
from rlhfhub.tenancy.models import User
from tests import people
from tests.factories import Tenant
from tests.notices.told import (
    ALERTING,
    DECIDED,
    age,
    deliver,
    mails,
    make_reachable,
    notices,
    prefer,
    tell,
)

pytestmark = pytest.mark.usefixtures("mailed_at_once")


@pytest.fixture
def user(database: None) -> User:
    return make_reachable()


def sent() -> list[EmailMultiAlternatives]:
    return list(mail.outbox)  # type: ignore[arg-type]


def test_what_comes_together_is_one_mail(workspace_a: Tenant, user: User) -> None:
    other = make_reachable()
    for cause in range(3):
        tell(workspace_a, user, cause)
    tell(workspace_a, other)
    deliver()
    deliver()
    by_receiver = {one.to[0]: one for one in sent()}
    assert len(sent()) == 2 and by_receiver.keys() == {user.email, other.email}
    assert by_receiver[user.email].subject == "3 notices: About Essays"
    assert by_receiver[other.email].subject == "About Essays"
    assert [one.mail_id for one in notices(user)] == [notices(user)[0].mail_id] * 3
    assert all(one.sent_at for one in mails())


def test_a_mail_waits_for_what_comes_with_it(
    workspace_a: Tenant, user: User, settings: Any
) -> None:
    settings.NOTICE_MAIL_WAIT_SECONDS = 120
    tell(workspace_a, user)
    deliver()
    assert sent() == [] and mails() == []
    age("notice", "mail_due_at", secs=121)
    deliver()
    assert len(sent()) == 1


def test_thousands_of_notices_are_one_mail_of_twenty(workspace_a: Tenant, user: User) -> None:
    for cause in range(1025):
        tell(workspace_a, user, cause, number=cause)
    deliver()
    (one,) = sent()
    assert one.subject == "1025 notices: About Essays"
    assert str(one.body).count("About Essays") == 20
    assert "It is number 1024." in one.body and "It is number 1004." not in one.body
    assert "And 1,005 more notices." in one.body
    assert "https://hub.example/notices/" in one.body


def test_both_parts_say_the_same_words(workspace_a: Tenant, user: User) -> None:
    tell(workspace_a, user, project="<b>Tags</b> & 'quotes'")
    deliver()
    (one,) = sent()
    ((html, kind),) = one.alternatives
    body = re.sub(r"<head>.*?</head>", "", str(html), flags=re.DOTALL)
    assert kind == "text/html"
    assert "<b>Tags</b>" not in body
    assert unescape(strip_tags(body)).split() == str(one.body).replace("--\n", "").split()
    assert "About <b>Tags</b> & 'quotes'" in one.body


def test_a_subject_is_one_line(workspace_a: Tenant, user: User) -> None:
    tell(workspace_a, user, project="one\r\nBcc: all@x.example\x07\u2028two " + "long " * 60)
    deliver()
    (one,) = sent()
    assert one.subject.startswith("About one Bcc: all@x.example two long")
    assert one.subject.isprintable() and len(one.subject) <= 150
    assert one.message()["Bcc"] is None


def test_one_click_ends_what_can_be_ended(workspace_a: Tenant, user: User, client: Any) -> None:
    tell(workspace_a, user)
    tell(workspace_a, user, kind=DECIDED)
    deliver()
    (one,) = sent()
    url = one.extra_headers["List-Unsubscribe"].strip("<>")
    assert one.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in one.body and "https://hub.example/notices/settings/" in one.body
    assert client.get(url.removeprefix("https://hub.example")).status_code == 200
    tell(workspace_a, user, "after looking")
    deliver()
    assert len(sent()) == 2
    done = client.post(url.removeprefix("https://hub.example"), {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    tell(workspace_a, user, "after the click")
    tell(workspace_a, user, "after the click", kind=DECIDED)
    deliver()
    assert [one.subject for one in sent()][2:] == ["About Essays"]
    assert "List-Unsubscribe" not in sent()[2].extra_headers


def test_a_forged_link_ends_nothing(client: Any, database: None) -> None:
    assert client.post("/notices/unsubscribe/eyJwIjoxfQ:x:y/").status_code == 404


def test_the_message_id_is_the_mails(workspace_a: Tenant, user: User, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "RLHFHub <no-reply@hub.example>"
    tell(workspace_a, user)
    deliver()
    assert sent()[0].extra_headers["Message-ID"] == f"<{mails()[0].pk}@hub.example>"


def test_what_the_site_tells_names_no_workspace(user: User) -> None:
    prefer(user, Topic.GUIDELINES, "at_once")
    documents.publish({**documents.read(), "work": "# Work, anew"})
    deliver()
    (one,) = sent()
    assert one.subject == "New terms for people who work"
    assert "are not affected.\n" in str(one.body) and "/terms/" in str(one.body)


def test_daily_ones_wait_for_their_hour(workspace_a: Tenant, user: User, settings: Any) -> None:
    prefer(user, Topic.ALERTS, "daily")
    tell(workspace_a, user, 1)
    tell(workspace_a, user, 2)
    deliver()
    assert sent() == []
    hour = settings.NOTICE_DAILY_HOUR
    for one in notices(user):
        due = one.mail_due_at
        assert due and (due.hour, due.minute) == (hour, 0)
        assert timedelta(0) < due - one.created_at <= timedelta(days=1)
    age("notice", "created_at", days=1)
    age("notice", "mail_due_at", days=1)
    deliver()
    assert [one.subject for one in sent()] == ["2 notices: About Essays"]


@pytest.mark.parametrize(
    ("told", "due"),
    [("06:59", (27, 7)), ("07:00", (28, 7)), ("23:59", (28, 7)), ("00:00", (27, 7))],
)
def test_the_daily_mail_is_the_next_one(
    workspace_a: Tenant, user: User, settings: Any, told: str, due: tuple[int, int]
) -> None:
    settings.NOTICE_DAILY_HOUR = 7
    prefer(user, Topic.ALERTS, "daily")
    tell(workspace_a, user)
    (one,) = notices(user)
    hour, minute = map(int, told.split(":"))
    # Far in the future, so that it is put off whenever the test runs.
    one.created_at = datetime(2190, 11, 27, hour, minute, tzinfo=UTC)
    one.save(update_fields=["created_at"])
    collecting.collect()
    found = notices(user)[0].mail_due_at
    assert found == datetime(2190, 11, due[0], due[1], tzinfo=UTC)


def test_switched_off_between_telling_and_collecting(workspace_a: Tenant, user: User) -> None:
    tell(workspace_a, user)
    prefer(user, Topic.ALERTS, "off")
    deliver()
    assert sent() == [] and mails() == []
    assert notices(user)[0].mail_due_at is None


def test_switched_off_between_collecting_and_sending(workspace_a: Tenant, user: User) -> None:
    tell(workspace_a, user)
    collecting.collect()
    prefer(user, Topic.ALERTS, "off")
    sending.send_all()
    assert sent() == [] and mails() == []
    assert len(notices(user)) == 1


def test_read_between_collecting_and_sending(workspace_a: Tenant, user: User) -> None:
    tell(workspace_a, user, 1)
    tell(workspace_a, user, 2, project="Unread")
    collecting.collect()
    first = notices(user)[0]
    first.read_at = first.created_at
    first.save(update_fields=["read_at"])
    sending.send_all()
    assert [one.subject for one in sent()] == ["About Unread"]


def test_who_has_no_verified_address_or_is_inactive_gets_none(workspace_a: Tenant) -> None:
    unverified, inactive = make_reachable(verified=False), make_reachable()
    second_address, none = make_reachable(primary=False), people.make_user()
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    for user in (unverified, inactive, second_address, none):
        tell(workspace_a, user)
    deliver()
    assert sent() == [] and mails() == []
    assert len(notices(unverified)) == 1


def test_notices_gather_while_a_mail_waits(workspace_a: Tenant, user: User) -> None:
    tell(workspace_a, user, 1)
    collecting.collect()
    for cause in (2, 3):
        tell(workspace_a, user, cause)
        collecting.collect()
    assert len(mails()) == 1
    sending.send_all()
    deliver()
    assert [one.subject for one in sent()] == ["About Essays", "2 notices: About Essays"]


def test_one_persons_broken_notice_delays_nobody(
    workspace_a: Tenant, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = make_reachable()
    tell(workspace_a, broken, number=None, project=None)
    tell(workspace_a, user)
    collecting.collect()
    monkeypatch.setattr(
        "rlhfhub.notices.letters.kinds.kind_of", _failing_for(str(None)), raising=True
    )
    sending.send_all()
    assert [one.to for one in sent()] == [[user.email]]
    (waiting,) = [one for one in mails() if not one.sent_at]
    assert waiting.person_id == broken.pk and "cannot" in waiting.error


def _failing_for(project: str) -> Any:
    from rlhfhub.notices import kinds

    kind = kinds.kind_of(ALERTING)

    class Failing:
        @staticmethod
        def words(data: dict[str, Any]) -> Any:
            if str(data["project"]) == project:
                raise RuntimeError("cannot")
            return kind.words(data)

    return lambda name: Failing
