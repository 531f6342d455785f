"""A letter as a message for the mail server: plain text and HTML with the same words, and its headers."""

import uuid
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from rlhfhub.notices.letters import Letter

MOST_SUBJECT_CHARS = 150


def message_of(mail_id: uuid.UUID, letter: Letter) -> EmailMultiAlternatives:
    """Return the message. Its Message-ID depends on the mail alone, so that a second copy can be recognized."""
    context = {"letter": letter}
    message = EmailMultiAlternatives(
        subject=one_line(letter.subject),
        body=render_to_string("rlhfhub/notices/mail.txt", context),
        to=[letter.to],
        headers=_headers(mail_id, letter),
    )
    message.attach_alternative(render_to_string("rlhfhub/notices/mail.html", context), "text/html")
    return message


def _headers(mail_id: uuid.UUID, letter: Letter) -> dict[str, str]:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {"Message-ID": f"<{mail_id}@{domain}>", "Auto-Submitted": "auto-generated"}
    if letter.unsubscribe_url:
        # RFC 8058: the mail program sends a POST to this URL when its reader clicks "unsubscribe".
        headers["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def one_line(text: str) -> str:
    """Return the text as one line without control characters, for a header."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(plain.split())
    return line if len(line) <= MOST_SUBJECT_CHARS else line[: MOST_SUBJECT_CHARS - 1] + "…"
