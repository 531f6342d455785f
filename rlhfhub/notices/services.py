"""Verbs: tell people something, mark notices as read, choose how mails come."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.db.models import QuerySet
from psycopg.types.json import Jsonb

from rlhfhub.ground.refusals import invalid
from rlhfhub.notices import kinds
from rlhfhub.notices.topics import How, Topic, can_be_off

# The workspace plane may not read notices. So no arbiter is named: PostgreSQL would ask for SELECT on its columns.
_TELL_ALL = """
    INSERT INTO rlhfhub_notices_notice (id, workspace_id, person_id, kind, topic, cause, data, mail_due_at)
    SELECT rlhfhub_uuid7(), %s::uuid, told.person_id, %s, %s, %s, %s::jsonb || told.data,
           clock_timestamp() + make_interval(secs => %s)
    FROM ({people}) AS told (person_id, data)
    ON CONFLICT DO NOTHING
"""
_TELL = "SELECT door_tell(%s, %s, %s, %s, %s, %s, %s)"
_TELL_LEADERS = "SELECT door_tell_leaders(%s, %s, %s, %s, %s, %s)"


def tell(
    *,
    person_id: uuid.UUID,
    workspace_id: uuid.UUID | None,
    kind: str,
    cause: object,
    data: dict[str, Any],
) -> None:
    """Tell a person something, in the transaction in which it happens. Workspace, annotator or system plane.

    Without `workspace_id` the site tells, in the system plane.

    `cause` is the id of what happened: told twice of the same cause and kind, the person has one notice. `data` is what
    the words of the kind are made of: ids, numbers and short names, no answers, and nothing about other people.

    Raises: KeyError for a kind that no room registered.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [person_id, *_values(workspace_id, kind, cause, data)])


def tell_leaders(
    *, workspace_id: uuid.UUID, kind: str, cause: object, data: dict[str, Any]
) -> None:
    """Tell the owners and managers of the annotator's workspace the same. Annotator plane; see `tell`."""
    with connection.cursor() as cursor:
        cursor.execute(_TELL_LEADERS, _values(workspace_id, kind, cause, data))


def tell_all(
    *,
    people: QuerySet[Any, Any],
    workspace_id: uuid.UUID | None,
    kind: str,
    cause: object,
    data: dict[str, Any],
) -> None:
    """Tell many people the same, in one statement. Workspace or system plane; for `cause` and `data` see `tell`.

    Without `workspace_id` the site tells, by the owner's login. `people` selects two columns that the plane may read:
    the ids of the people, and what to add to each one's data (`JSONObject(enrollment_id="pk")`).
    """
    query, parameters = people.query.sql_with_params()
    values = [*_values(workspace_id, kind, cause, data), *parameters]
    with connections[people.db].cursor() as cursor:
        cursor.execute(_TELL_ALL.format(people=query), values)


def _values(
    workspace_id: uuid.UUID | None, kind: str, cause: object, data: dict[str, Any]
) -> list[Any]:
    """Return the parameters of a notice that both statements take; the last is the seconds until its mail is due."""
    topic = str(kinds.kind_of(kind).topic)
    return [
        workspace_id,
        kind,
        topic,
        f"{kind}:{cause}",
        Jsonb(data),
        settings.NOTICE_MAIL_WAIT_SECONDS,
    ]


def mail_invitation(*, invitation_id: uuid.UUID) -> None:
    """Put the mail of an invitation into the outbox, in the transaction that makes the invitation. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT door_mail_invitation(%s)", [invitation_id])


def read(
    *, person_id: uuid.UUID, notice_ids: Sequence[uuid.UUID], workspace_id: uuid.UUID | None = None
) -> int:
    """Mark these of the person's notices as read; no mail tells them any more. Door or annotator plane.

    With `workspace_id`, only those of that workspace. Returns: how many were unread.
    """
    return _read(person_id, workspace_id, list(notice_ids), None)


def read_until(
    *, person_id: uuid.UUID, notice_id: uuid.UUID, workspace_id: uuid.UUID | None = None
) -> int:
    """Mark the person's notices up to this one as read, but none that came later, which they have not seen.

    Door or annotator plane. With `workspace_id`, only those of that workspace. Returns: how many were unread.
    """
    return _read(person_id, workspace_id, None, notice_id)


def _read(*values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT door_read_notices(%s, %s, %s, %s)", values)
        found: int = cursor.fetchone()[0]
    return found


def prefer(*, person_id: uuid.UUID, topic: str, how: str) -> None:
    """Save how the person wants mails about a topic. Door or annotator plane.

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
