"""Verbs: tell people something, mark notices as read, choose how mails come."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from psycopg.types.json import Jsonb

from rlhfhub.ground.refusals import invalid
from rlhfhub.notices import kinds
from rlhfhub.notices.topics import How, Topic, can_be_off

# The planes that tell may not read notices. So no arbiter is named: PostgreSQL would ask for SELECT on its columns.
_TELL = """
    INSERT INTO rlhfhub_notices_notice (id, workspace_id, person_id, kind, topic, cause, data, mail_due_at)
    SELECT rlhfhub_uuid7(), %s, told.person_id, %s, %s, %s, %s::jsonb || told.data,
           clock_timestamp() + make_interval(secs => %s)
    FROM ({people}) AS told (person_id, data)
    ON CONFLICT DO NOTHING
"""
_ONE = "SELECT %s::uuid, '{}'::jsonb"


def tell(
    *, person_id: uuid.UUID, workspace_id: uuid.UUID, kind: str, cause: object, data: dict[str, Any]
) -> None:
    """Tell a person something, in the transaction in which it happens. Workspace, annotator or system plane.

    `cause` is the id of what happened: told twice of the same cause and kind, the person has one notice. `data` is what
    the words of the kind are made of: ids, numbers and short names, no answers, and nothing about other people.

    Raises: KeyError for a kind that no room registered.
    """
    _tell(_ONE, (person_id,), workspace_id, kind, cause, data)


def tell_all(
    *,
    people: QuerySet[Any, Any],
    workspace_id: uuid.UUID,
    kind: str,
    cause: object,
    data: dict[str, Any],
) -> None:
    """Tell many people the same, in one statement; for the planes, `cause` and `data` see `tell`.

    `people` selects two columns that the plane may read: the ids of the people, and what to add to each one's data
    (`JSONObject(enrollment_id="pk")`).
    """
    query, parameters = people.query.sql_with_params()
    _tell(query, parameters, workspace_id, kind, cause, data)


def _tell(
    people: str,
    parameters: Sequence[Any],
    workspace_id: uuid.UUID,
    kind: str,
    cause: object,
    data: dict[str, Any],
) -> None:
    topic = str(kinds.kind_of(kind).topic)
    wait = settings.NOTICE_MAIL_WAIT_SECONDS
    values: list[Any] = [workspace_id, kind, topic, f"{kind}:{cause}", Jsonb(data), wait]
    with connection.cursor() as cursor:
        cursor.execute(_TELL.format(people=people), [*values, *parameters])


def read(*, person_id: uuid.UUID, notice_ids: Sequence[uuid.UUID]) -> int:
    """Mark these of the person's notices as read; no mail tells them any more. Door or annotator plane.

    Returns: how many were unread.
    """
    return _count("SELECT door_read_notices(%s, %s, NULL)", person_id, list(notice_ids))


def read_until(*, person_id: uuid.UUID, notice_id: uuid.UUID) -> int:
    """Mark the person's notices up to this one as read, but none that came later, which they have not seen.

    Door or annotator plane. Returns: how many were unread.
    """
    return _count("SELECT door_read_notices(%s, NULL, %s)", person_id, notice_id)


def prefer(*, person_id: uuid.UUID, topic: str, how: str) -> None:
    """Save how the person wants mails about a topic. Door plane.

    Raises: Refused, naming the field, for an unknown topic or way, and for switching off what cannot be switched off.
    """
    if topic not in Topic.values:
        raise invalid("topic", f"This must be one of: {', '.join(Topic.values)}.")
    if how not in How.values:
        raise invalid("how", f"This must be one of: {', '.join(How.values)}.")
    if how == How.OFF and not can_be_off(topic):
        raise invalid("how", "Mails about this topic cannot be switched off.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT door_prefer_mails(%s, %s, %s)", [person_id, topic, how])


def _count(query: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: int = cursor.fetchone()[0]
    return found
