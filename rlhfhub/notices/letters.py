"""What a mail of the outbox says, made when it is sent: of a person's notices, or of an invitation. System plane."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db import connection
from django.urls import reverse

from rlhfhub.ground.moments import day_words
from rlhfhub.notices import kinds
from rlhfhub.notices.collecting import HOW, parameters
from rlhfhub.notices.topics import Topic, can_be_off
from rlhfhub.tenancy import services as tenancy
from rlhfhub.tenancy.models import Invitation
from rlhfhub.tenancy.raw import unjson
from rlhfhub.tenancy.roles import Role

LISTED = 20
UNSUBSCRIBE = "rlhfhub.notices.unsubscribe"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of a letter: a title, what to say, and the absolute URL where it goes on."""

    title: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in words, which its plain text and its HTML render alike.

    `rest` says what is left out, `why` why the mail came. `settings_url` is where a person chooses their mails, and
    `unsubscribe_url` where one click ends them; both are empty for what nobody can switch off.
    """

    to: str
    subject: str
    paragraphs: Sequence[Paragraph]
    why: str
    rest: str = ""
    rest_url: str = ""
    settings_url: str = ""
    unsubscribe_url: str = ""


class CannotBeWritten(Exception):
    """The mail can never be sent, for the reason that the exception states."""


_ADDRESS = "SELECT door_mail_address(%s)"
# Decisions first, then the newest. Those read meanwhile, and topics switched off meanwhile, are left out.
_NOTICES = f"""
    SELECT n.kind, n.topic, n.data, w.name, count(*) OVER () FROM rlhfhub_notices_notice n
    LEFT JOIN rlhfhub_tenancy_workspace w ON w.id = n.workspace_id
    WHERE n.mail_id = %(mail)s AND n.read_at IS NULL AND {HOW} <> 'off'
    ORDER BY n.topic <> 'decisions', n.id DESC LIMIT %(most)s
"""  # noqa: S608  of constants only


def to_person(mail_id: uuid.UUID, person_id: uuid.UUID) -> Letter | None:
    """Return the letter with the mail's notices; None if the person has no address or nothing is left to tell."""
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESS, [person_id])
        address = cursor.fetchone()[0]
        cursor.execute(_NOTICES, {"mail": mail_id, "most": LISTED, **parameters()})
        rows = cursor.fetchall()
    if address is None or not rows:
        return None
    paragraphs = [_paragraph(kind, data, workspace) for kind, _, data, workspace, _ in rows]
    topics = sorted({topic for _, topic, *_ in rows})
    labels = ", ".join(f"“{Topic(topic).label}”" for topic in topics)
    total, page = rows[0][-1], _absolute(reverse("notices"))
    return Letter(
        to=address,
        subject=paragraphs[0].title if total == 1 else f"{total} notices: {paragraphs[0].title}",
        paragraphs=paragraphs,
        why=f"You get this mail because you have an account at RLHFHub, which tells you about {labels}.",
        rest=f"And {total - LISTED:,} more notices." if total > LISTED else "",
        rest_url=page if total > LISTED else "",
        settings_url=_absolute(reverse("notice_settings")),
        unsubscribe_url=unsubscribe_url(person_id, topics),
    )


def _paragraph(kind: str, data: str, workspace: str | None) -> Paragraph:
    words = kinds.kind_of(kind).words(unjson(data))
    text = f"{words.text} ({workspace})" if workspace else words.text
    return Paragraph(words.title, text, _absolute(words.path))


def unsubscribe_url(person_id: uuid.UUID, topics: Sequence[str]) -> str:
    """Return the URL that switches mails about these topics off without a sign-in; empty if none can be."""
    these = [topic for topic in topics if can_be_off(topic)]
    if not these:
        return ""
    signed = signing.dumps({"person": str(person_id), "topics": these}, salt=UNSUBSCRIBE)
    return _absolute(reverse("unsubscribe", args=[signed]))


def to_invited(invitation_id: uuid.UUID, now: datetime) -> Letter | None:
    """Return the letter with the link of an invitation; None if it is accepted, revoked or over.

    Raises: CannotBeWritten if no secret key of the site makes the invitation's token any more.
    """
    found = Invitation.objects.select_related("workspace").get(pk=invitation_id)
    if found.accepted_at or found.revoked_at or found.expires_at <= now:
        return None
    token = tenancy.token_of(found)
    if token is None:
        raise CannotBeWritten("SECRET_KEY has changed since: invite this address again")
    role, workspace = Role(found.role).label.lower(), found.workspace.name
    text = (
        f"You are invited to the workspace “{workspace}” as {role}. Open the link to see the invitation and accept it, "
        f"until {day_words(found.expires_at)}. You need an account with the address {found.email}."
    )
    title = f"You are invited to {workspace}"
    return Letter(
        to=found.email,
        subject=title,
        paragraphs=[Paragraph(title, text, _absolute(reverse("invitation", args=[token])))],
        why="A member of this workspace entered your address. If you do not know them, do nothing.",
    )


def _absolute(path: str) -> str:
    return settings.SITE_URL.rstrip("/") + path
