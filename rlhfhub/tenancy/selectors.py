"""Members, invitations and keys as pages show them; memberships as the door tells them."""

import uuid
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from rlhfhub.tenancy.models import ApiKey, Invitation, Membership
from rlhfhub.tenancy.services import digest


@dataclass(frozen=True, slots=True)
class Belonging:
    """A workspace of this person's, and their role in it."""

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


def memberships_of(person_id: uuid.UUID, *, after: str | None, most: int) -> list[Belonging]:
    """The person's workspaces by slug, those after `after`. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_memberships(%s, %s, %s)", [person_id, after, most])
        return [Belonging(*row) for row in cursor.fetchall()]


def membership_of(person_id: uuid.UUID, slug: str) -> uuid.UUID | None:
    """The workspace of that slug, if the person is a member. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id FROM door_membership(%s, %s)", [person_id, slug])
        row = cursor.fetchone()
    return row[0] if row else None


def invitation_by(token: str) -> Invited | None:
    """The open invitation behind a token. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_invitation(%s)", [digest(token)])
        row = cursor.fetchone()
    return Invited(*row) if row else None


def members() -> QuerySet[Membership]:
    """The workspace's members, longest first. Workspace plane, as are those below."""
    return Membership.objects.select_related("user").order_by("created_at")


def open_invitations() -> QuerySet[Invitation]:
    """Invitations that can still be accepted."""
    waiting = Invitation.objects.filter(
        accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )
    return waiting.order_by("-created_at")


def keys() -> QuerySet[ApiKey]:
    """The workspace's keys, those that work first, then by age."""
    return ApiKey.objects.select_related("annotator", "created_by").order_by(
        "-revoked_at", "-created_at"
    )
