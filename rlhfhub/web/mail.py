"""Sends mails on other threads: no page waits for the mail server or reveals by its time whether a mail was sent."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

log = logging.getLogger(__name__)
# A process that ends sends waiting mails first. Their number is limited, for a mail server that stays away.
_THREADS, _WAITING_AT_MOST = 2, 1000
_executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="mail")
_room = BoundedSemaphore(_WAITING_AT_MOST)


class BackgroundBackend(BaseEmailBackend):
    """Sends mails by MAIL_BACKEND on another thread. Failures are only logged: people can request a mail again."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Enqueue the mails. Returns how many were enqueued, which is 0 when too many wait."""
        if not _room.acquire(blocking=False):
            log.error("A mail was dropped: %d wait for the mail server", _WAITING_AT_MOST)
            return 0
        _executor.submit(_send, list(email_messages))
        return len(email_messages)


def _send(messages: Sequence[EmailMessage]) -> None:
    try:
        get_connection(settings.MAIL_BACKEND).send_messages(messages)
    except Exception as error:  # log any error: nobody waits for this thread
        log.warning("A mail was not sent: %s: %s", type(error).__name__, error)
    finally:
        _room.release()
