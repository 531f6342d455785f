"""A mail server that is away, slow or refuses, and senders that race or are killed: every mail, and each once."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections

from rlhfhub.notices import collecting, sending
from rlhfhub.notices.models import Mail
from rlhfhub.tenancy.models import User
from tests.concurrency.races import at_once, connect_anew
from tests.factories import Tenant, make_workspace
from tests.notices.mail_server import MailServer
from tests.notices.told import age, deliver, mails, make_reachable, notices, tell

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]
_FORK = multiprocessing.get_context("fork")


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    made = MailServer()
    made.start()
    settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.port
    settings.NOTICE_MAIL_WAIT_SECONDS = 0
    yield made
    made.stop()


@pytest.fixture
def tenant(own_database: str) -> Tenant:
    return make_workspace("Mails")


def make_people(tenant: Tenant, count: int) -> list[User]:
    """Make people, each told one thing that is not yet collected."""
    found = [make_reachable() for _ in range(count)]
    for user in found:
        tell(tenant, user)
    return found


def test_senders_at_once_send_each_mail_once(
    tenant: Tenant, server: MailServer, as_site: Any
) -> None:
    people = make_people(tenant, 12)
    as_site()
    assert sum(at_once(*[collecting.collect] * 3)) == 12
    assert sum(at_once(*[sending.send_all] * 4)) == 12
    assert sorted(server.receivers()) == sorted(user.email for user in people)
    assert len({message["Message-ID"] for message in server.taken}) == 12


def test_telling_at_the_same_time_is_one_notice(tenant: Tenant, server: MailServer) -> None:
    user = make_reachable()
    assert at_once(*[lambda: tell(tenant, user)] * 6) == [None] * 6
    assert len(notices(user)) == 1
    deliver()
    assert server.receivers() == [user.email]


def _send_all() -> None:
    """What the forked process does."""
    connect_anew()
    sending.send_all()


def _kill(process: Any) -> None:
    os.kill(process.pid, signal.SIGKILL)


def test_a_killed_senders_mail_is_sent_again_with_the_same_id(
    tenant: Tenant, server: MailServer
) -> None:
    """The sender dies after the server took its mail and before it notes that."""
    people = make_people(tenant, 3)
    collecting.collect()
    connections.close_all()
    sender = _FORK.Process(target=_send_all)
    server.then = partial(_kill, sender)
    sender.start()
    sender.join(60)
    assert sender.exitcode == -signal.SIGKILL
    server.then = lambda: None
    assert len(server.taken) == 1 and not any(one.sent_at for one in mails())
    sending.send_all()
    assert len(server.taken) == 3, "its claim holds while it may still live"
    age("mail", "next_at", secs=sending.CLAIM_SECONDS + 1)
    sending.send_all()
    age("mail", "next_at", secs=sending.CLAIM_SECONDS + 1)
    sending.send_all()
    first = server.taken[0]
    again = [one for one in server.taken[1:] if one["To"] == first["To"]]
    assert [one["Message-ID"] for one in again] == [first["Message-ID"]]
    assert len(server.taken) == 4
    assert set(server.receivers()) == {user.email for user in people}
    assert all(one.sent_at for one in mails())


def test_a_server_that_was_away_gets_each_mail_once(tenant: Tenant, server: MailServer) -> None:
    people = make_people(tenant, 4)
    server.stop()
    for _ in range(3):
        deliver()
    tried = [one for one in mails() if one.attempts]
    assert len(mails()) == 4 and len(tried) == 3, "one a round: the others wait untouched"
    assert all("refused" in one.error and not one.given_up_at for one in tried)
    tell(tenant, people[0], "meanwhile")
    server.start()
    age("mail", "next_at", secs=sending.LONGEST_PAUSE_SECONDS)
    deliver()
    deliver()
    assert sorted(server.receivers()) == sorted([*(u.email for u in people), people[0].email])
    assert all(one.sent_at and not one.error for one in mails())


def test_pauses_grow_to_an_hour_and_end_after_days(tenant: Tenant, server: MailServer) -> None:
    make_people(tenant, 1)
    server.stop()
    collecting.collect()
    pauses = []
    for _ in range(9):
        sending.send_all()
        pauses.append(_pause())
        age("mail", "next_at", secs=sending.LONGEST_PAUSE_SECONDS)
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    age("mail", "created_at", days=5)
    sending.send_all()
    assert mails()[0].given_up_at


def _pause() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT round(extract(epoch FROM next_at - clock_timestamp()) / 60) * 60 FROM rlhfhub_notices_mail"
        )
        return int(cursor.fetchone()[0])


def test_a_refused_address_delays_nobody(tenant: Tenant, server: MailServer) -> None:
    gone, full, fine = make_people(tenant, 3)
    server.refused = {gone.email: "550 no such user", full.email: "452 mailbox is full"}
    deliver()
    assert server.receivers() == [fine.email]
    by_person = {one.person_id: one for one in mails()}
    assert by_person[gone.pk].given_up_at and "550" in by_person[gone.pk].error
    assert not by_person[full.pk].given_up_at and "452" in by_person[full.pk].error
    server.refused = {}
    age("mail", "next_at", secs=61)
    deliver()
    assert server.receivers() == [fine.email, full.email]


def test_a_refused_text_delays_nobody(tenant: Tenant, server: MailServer) -> None:
    first, second = make_reachable(), make_reachable()
    server.refuses_texts = ["Forbidden"]
    tell(tenant, first, project="Forbidden")
    collecting.collect()
    tell(tenant, second)
    deliver()
    assert server.receivers() == [second.email]
    (waiting,) = Mail.objects.filter(sent_at=None)
    assert waiting.person_id == first.pk and "554" in waiting.error


def test_no_transaction_is_open_while_the_server_is_asked(
    tenant: Tenant, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_people(tenant, 1)
    open_ones = []
    original = sending.message_of  # type: ignore[attr-defined]

    def noting(*args: Any) -> Any:
        open_ones.append(connection.in_atomic_block)
        return original(*args)

    monkeypatch.setattr(sending, "message_of", noting)
    deliver()
    assert open_ones == [False] and len(server.taken) == 1
