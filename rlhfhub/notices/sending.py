"""Sends the mails of the outbox, each at least once and never one twice unless a sender was killed.

A sender claims one mail and commits that before it talks to the server, and marks the mail as sent after the server has
taken it. If it is killed between, the claim expires and the mail is sent again with the same Message-ID.
"""

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from rlhfhub.notices import letters
from rlhfhub.notices.letters import CannotBeWritten, Letter
from rlhfhub.notices.messages import message_of
from rlhfhub.notices.models import Mail, Notice
from rlhfhub.tenancy import clock, planes

log = logging.getLogger(__name__)
#: Longer than the time limit of the task that sends (rlhfhub.queues), so that no living sender loses its claim.
CLAIM_SECONDS = 900
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60, 3600
GIVE_UP_AFTER = timedelta(days=4)
MOST_ERROR_CHARS = 500

_CLAIM = """
    UPDATE rlhfhub_notices_mail SET attempts = attempts + 1,
           next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = (SELECT id FROM rlhfhub_notices_mail
                WHERE sent_at IS NULL AND given_up_at IS NULL AND next_at <= statement_timestamp()
                ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, person_id, invitation_id, attempts, created_at
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that this process alone may send until its claim expires."""

    id: uuid.UUID
    person_id: uuid.UUID | None
    invitation_id: uuid.UUID | None
    attempts: int
    created_at: datetime


class ServerAway(Exception):
    """The mail server cannot be reached or takes no mail at all now."""


def sends() -> Iterator[int]:
    """Send the mails that are due, one after the other over one connection, until none is left or the server is away.

    Yields: 1 for each mail that was claimed.
    """
    server: BaseEmailBackend = get_connection(settings.MAIL_BACKEND)
    try:
        while mail := _claim():
            try:
                _send(mail, server)
            except ServerAway:
                return
            yield 1
    finally:
        server.close()


def send_all() -> int:
    """Send all mails that are due. Returns how many were tried."""
    return sum(sends())


def _claim() -> Claimed | None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [CLAIM_SECONDS])
        row = cursor.fetchone()
    return Claimed(*row) if row else None


def _send(mail: Claimed, server: BaseEmailBackend) -> None:
    """Send one mail, and note what became of it. Raises: ServerAway."""
    try:
        letter = _letter(mail)
        if letter is None:
            _forget(mail.id)
            return
        server.open()
        server.send_messages([message_of(mail.id, letter)])
    except CannotBeWritten as error:
        _give_up(mail, str(error))
    except SMTPRecipientsRefused as error:
        server.close()
        _refused(mail, error)
    except (SMTPException, OSError) as error:
        server.close()
        _put_off(mail, error)
        if not isinstance(error, SMTPDataError):  # the server refused this message, not all
            raise ServerAway from error
    except Exception as error:  # one mail's fault must not delay the others
        log.exception("a mail cannot be made", extra={"mail": str(mail.id)})
        _put_off(mail, error)
    else:
        _note(_SENT, mail)


def _letter(mail: Claimed) -> Letter | None:
    with planes.as_system():
        if mail.person_id:
            return letters.to_person(mail.id, mail.person_id)
        assert mail.invitation_id
        return letters.to_invited(mail.invitation_id, clock.now())


def _forget(mail_id: uuid.UUID) -> None:
    """Delete a mail that has nothing to tell any more, or nobody to tell it to. Its notices stay in the page."""
    with planes.as_system():
        Notice.objects.filter(mail_id=mail_id).update(mail_id=None)
        Mail.objects.filter(pk=mail_id).delete()


def _refused(mail: Claimed, error: SMTPRecipientsRefused) -> None:
    """Give up if the server will never take mails for this address (5xx), else try again later."""
    code, words = next(iter(error.recipients.values()))
    if 500 <= code < 600:
        _give_up(mail, f"{code} {words!r}")
    else:
        _put_off(mail, error)


_PUT_OFF = """
    UPDATE rlhfhub_notices_mail SET error = %(error)s,
           next_at = clock_timestamp() + make_interval(secs => %(pause)s),
           given_up_at = CASE WHEN created_at < clock_timestamp() - %(days)s::interval THEN clock_timestamp() END
    WHERE id = %(id)s AND sent_at IS NULL
"""
_GIVE_UP = """
    UPDATE rlhfhub_notices_mail SET error = %(error)s, given_up_at = clock_timestamp()
    WHERE id = %(id)s AND sent_at IS NULL
"""
_SENT = "UPDATE rlhfhub_notices_mail SET sent_at = clock_timestamp(), error = '' WHERE id = %(id)s AND sent_at IS NULL"


def _put_off(mail: Claimed, error: Exception) -> None:
    """Try again after a pause that doubles each time up to an hour; give up after some days."""
    pause = min(FIRST_PAUSE_SECONDS * 2 ** min(mail.attempts - 1, 10), LONGEST_PAUSE_SECONDS)
    words = f"{type(error).__name__}: {error}"
    _note(_PUT_OFF, mail, error=words[:MOST_ERROR_CHARS], pause=pause, days=GIVE_UP_AFTER)
    log.warning("a mail was not sent", extra={"mail": str(mail.id), "error": words[:200]})


def _give_up(mail: Claimed, words: str) -> None:
    _note(_GIVE_UP, mail, error=words[:MOST_ERROR_CHARS])
    log.warning("a mail was given up", extra={"mail": str(mail.id), "error": words[:200]})


def _note(statement: str, mail: Claimed, **values: Any) -> None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(statement, {"id": mail.id, **values})
