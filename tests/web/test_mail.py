"""Mails are sent on other threads; no page fails when the mail server does not answer."""

import logging
import threading
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from rlhfhub.web import mail


class Slow(BaseEmailBackend):
    """A mail server that waits for the test, then fails."""

    answer = threading.Event()
    asked = threading.Event()

    def send_messages(self, email_messages: Any) -> int:
        self.asked.set()
        assert self.answer.wait(10)
        raise OSError("no mail server")


@pytest.fixture(autouse=True)
def slow(settings: Any) -> None:
    settings.EMAIL_BACKEND = "rlhfhub.web.mail.BackgroundBackend"
    settings.MAIL_BACKEND = f"{__name__}.Slow"
    Slow.answer.clear()
    Slow.asked.clear()


def send() -> int:
    return EmailMessage("subject", "body", "from@x.example", ["to@x.example"]).send()


def test_nobody_waits_and_a_failure_is_one_line(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = threading.BoundedSemaphore(1)
    monkeypatch.setattr(mail, "_room", room)
    assert send() == 1
    assert Slow.asked.wait(10)
    with caplog.at_level(logging.INFO):
        Slow.answer.set()
        assert room.acquire(timeout=10)
    assert caplog.messages == ["A mail was not sent: OSError: no mail server"]


def test_what_waits_for_the_mail_server_has_a_bound(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = threading.BoundedSemaphore(1)
    monkeypatch.setattr(mail, "_room", room)
    assert [send(), send()] == [1, 0]
    assert "A mail was dropped" in caplog.text
    Slow.answer.set()
    assert room.acquire(timeout=10)
