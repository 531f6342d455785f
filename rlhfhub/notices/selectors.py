"""A person's notices and preferences, read through doors."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from rlhfhub.notices import kinds
from rlhfhub.notices.kinds import Words
from rlhfhub.notices.topics import How, Topic, can_be_off, default_of
from rlhfhub.tenancy.raw import unjson

UNREAD_AT_MOST = 99
_LIST = "SELECT * FROM door_notices(%s, NULL, %s, %s, %s, %s)"
_ONE = "SELECT * FROM door_notices(%s, %s, NULL, false, NULL, 1)"


@dataclass(frozen=True, slots=True)
class OwnNotice:
    """A notice as its person sees it."""

    id: uuid.UUID
    workspace: str
    kind: str
    topic: Topic
    words: Words
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """How a person gets mails about a topic, and whether they may switch them off."""

    topic: Topic
    how: How
    can_be_off: bool


def notices_of(
    person_id: uuid.UUID,
    *,
    topic: str | None = None,
    is_unread: bool = False,
    before: uuid.UUID | None = None,
    most: int,
) -> list[OwnNotice]:
    """Return up to `most` of the person's notices with ids below `before`, newest first. Door plane.

    `topic` selects those of one topic, `is_unread` the unread ones.
    """
    values = [person_id, topic, is_unread, before, most]
    with connection.cursor() as cursor:
        cursor.execute(_LIST, values)
        return [_own(row) for row in cursor.fetchall()]


def notice_of(person_id: uuid.UUID, notice_id: uuid.UUID) -> OwnNotice | None:
    """Return one of the person's notices, or None for another person's. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE, [person_id, notice_id])
        row = cursor.fetchone()
    return _own(row) if row else None


def _own(row: tuple[Any, ...]) -> OwnNotice:
    return OwnNotice(
        id=row[0],
        workspace=row[1],
        kind=row[2],
        topic=Topic(row[3]),
        words=kinds.kind_of(row[2]).words(unjson(row[4])),
        created_at=row[5],
        read_at=row[6],
    )


def unread_of(person_id: uuid.UUID) -> int:
    """Return how many of the person's notices are unread, counted up to UNREAD_AT_MOST + 1. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT door_unread_notices(%s, %s)", [person_id, UNREAD_AT_MOST + 1])
        found: int = cursor.fetchone()[0]
    return found


def choices_of(person_id: uuid.UUID) -> list[Choice]:
    """Return how the person gets mails about each topic. Door or annotator plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT topic, how FROM door_mail_preferences(%s)", [person_id])
        chosen = dict(cursor.fetchall())
    return [
        Choice(topic, How(chosen.get(topic, default_of(topic))), can_be_off(topic))
        for topic in Topic
    ]
