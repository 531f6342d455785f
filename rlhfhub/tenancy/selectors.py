"""Members, invitations and keys in the workspace plane; memberships and own tokens in the door plane."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Case, ExpressionWrapper, Q, QuerySet, Value, When
from django.db.models.functions import Now

from rlhfhub.tenancy.models import ApiKey, Invitation, Membership
from rlhfhub.tenancy.services import digest


@dataclass(frozen=True, slots=True)
class Belonging:
    """A workspace that a person is a member of, and their role in it."""

    workspace_id: uuid.UUID
    slug: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Invited:
    """An open invitation, as its token shows it."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    workspace: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class DeskToken:
    """An annotator's own token, as they see it. `state` is `working`, `revoked`, `expired` or `ended`.

    `ended`: all their enrollments in the workspace have ended.
    """

    id: uuid.UUID
    workspace_id: uuid.UUID
    workspace: str
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    state: str


def memberships_of(person_id: uuid.UUID, *, after: str | None, most: int) -> list[Belonging]:
    """Return up to `most` workspaces of the person, ordered by slug, after the slug `after`. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_memberships(%s, %s, %s)", [person_id, after, most])
        return [Belonging(*row) for row in cursor.fetchall()]


def membership_of(person_id: uuid.UUID, slug: str) -> uuid.UUID | None:
    """Return the id of the workspace with this slug if the person is a member, else None. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id FROM door_membership(%s, %s)", [person_id, slug])
        row = cursor.fetchone()
    return row[0] if row else None


def desk_tokens_of(
    person_id: uuid.UUID, *, before: uuid.UUID | None = None, most: int
) -> list[DeskToken]:
    """Return the person's own tokens in all workspaces, newest first. Door plane."""
    return _tokens(person_id, None, before, most)


def desk_token_of(person_id: uuid.UUID, token_id: uuid.UUID) -> DeskToken | None:
    """Return one of the person's tokens, or None for another person's. Door plane."""
    found = _tokens(person_id, token_id, None, 1)
    return found[0] if found else None


def _tokens(person_id: uuid.UUID, *values: uuid.UUID | int | None) -> list[DeskToken]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_desk_tokens(%s, %s, %s, %s)", [person_id, *values])
        return [DeskToken(*row) for row in cursor.fetchall()]


def invitation_by(token: str) -> Invited | None:
    """Return the open invitation with this token, or None. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_invitation(%s)", [digest(token)])
        row = cursor.fetchone()
    return Invited(*row) if row else None


def members() -> QuerySet[Membership]:
    """Return the workspace's members. This and the functions below need the workspace plane."""
    return Membership.objects.select_related("user")


def open_invitations() -> QuerySet[Invitation]:
    """Return the invitations that can still be accepted."""
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=Now())


def keys() -> Any:
    """Return the workspace's own keys with their `state`; order by `is_revoked` to put working ones first."""
    revoked = ExpressionWrapper(Q(revoked_at__isnull=False), output_field=BooleanField())
    # Do not join the key's maker: somebody who is no longer a member cannot be read in this plane.
    return with_state(ApiKey.objects.filter(annotator=None)).annotate(is_revoked=revoked)


def with_state(rows: QuerySet[ApiKey]) -> Any:
    """Add `state`: `revoked` or `expired` if the key itself no longer works, else `working`."""
    return rows.annotate(
        state=Case(
            When(revoked_at__isnull=False, then=Value("revoked")),
            When(expires_at__lte=Now(), then=Value("expired")),
            default=Value("working"),
        )
    )
