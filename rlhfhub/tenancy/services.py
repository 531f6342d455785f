"""Verbs on workspaces, members, invitations and API keys."""

import hashlib
import secrets
import uuid
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from rlhfhub.ground import locks
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock, planes
from rlhfhub.tenancy.models import ApiKey, Invitation, Membership, User, Workspace
from rlhfhub.tenancy.roles import Capability, Role, may

KEY_PREFIX = "rlh_"
SCOPES = ("read", "write", "export")
TOKENS_AT_MOST = 10
INVITATION_DAYS = 7
_INVITATION = "rlhfhub.tenancy.invitation"


def digest(secret: str) -> str:
    """Return the digest of a secret, which is all that is stored. Secrets have 192 random bits and need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def set_reading(*, user: User, raw: bool) -> None:
    """Save whether this person reads texts raw or formatted. Door plane."""
    user.reads_raw = raw
    user.save(update_fields=["reads_raw"])


def set_side(*, user: User, side: str) -> None:
    """Save which side of the site this person uses: where its logo and its links lead. Door plane.

    Raises: Refused for a side that does not exist.
    """
    if side not in User.Side.values:
        raise invalid("side", f"This must be one of: {', '.join(User.Side.values)}.")
    user.side = side
    user.save(update_fields=["side"])


def create_workspace(*, user: User, name: str, slug: str, currency: str = "USD") -> Workspace:
    """Make a workspace with `user` as its owner. Door plane. Raises Refused when the slug is taken."""
    workspace = Workspace(id=uuid7(), name=name, slug=slug, currency=currency)
    with planes.in_workspace(workspace.pk, user.pk):
        try:
            with transaction.atomic():
                workspace.save(force_insert=True)
        except IntegrityError as error:
            raise invalid("slug", "this address is taken") from error
        Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
        audit.note("workspace.create", workspace.pk, actor_id=user.pk)
    return workspace


def invite(*, workspace: Workspace, email: str, role: str, by: User) -> tuple[Invitation, str]:
    """Make an invitation; it replaces an open one for the same address.

    Returns: the invitation, and its token, which can be shown only now.
    Raises: Refused when the address cannot be invited.
    """
    if role not in Role.values:
        raise invalid("role", "unknown role")
    email = email.strip().lower()
    Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None).update(
        revoked_at=Now()
    )
    invitation_id = uuid7()
    token = _token(invitation_id, settings.SECRET_KEY)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                id=invitation_id,
                workspace=workspace,
                email=email,
                role=role,
                token_sha256=digest(token),
                invited_by=by,
                expires_at=clock.now() + timedelta(days=INVITATION_DAYS),
            )
    except IntegrityError as error:  # a concurrent request was faster
        raise Refused("invited", "This address was invited just now.", status=409) from error
    audit.note("invitation.create", invitation.pk, actor_id=by.pk, data={"role": role})
    return invitation, token


def token_of(invitation: Invitation) -> str | None:
    """Return the token of an invitation; None if it was made with a secret key that the site no longer has.

    The token is a keyed hash of the invitation's id, so that it need not be stored to be mailed.
    """
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = _token(invitation.pk, key)
        if digest(token) == invitation.token_sha256:
            return token
    return None


def _token(invitation_id: uuid.UUID, key: str | bytes) -> str:
    signature = salted_hmac(_INVITATION, str(invitation_id), secret=key, algorithm="sha256")
    return urlsafe_b64encode(signature.digest()).rstrip(b"=").decode()


def accept_invitation(*, user: User, token: str) -> uuid.UUID:
    """Make `user` a member. Door plane. The token works once, and only for the invited email address.

    Returns: the workspace's id.
    Raises: Refused when the invitation is not open or not for this user, or when the workspace pays them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, workspace_id, email, role FROM door_invitation(%s)", [digest(token)]
        )
        row = cursor.fetchone()
    if row is None or row[2] != user.email.lower():
        raise Refused(
            "not_found", "This invitation is not open, or is for another address.", status=404
        )
    with planes.in_workspace(row[1], user.pk):
        done = Invitation.objects.filter(pk=row[0], accepted_at=None, revoked_at=None).update(
            accepted_at=Now()
        )
        if not done:
            raise Refused(
                "not_found", "This invitation is not open, or is for another address.", status=404
            )
        try:
            with transaction.atomic():
                Membership.objects.get_or_create(
                    workspace_id=row[1], user=user, defaults={"role": row[3]}
                )
        except IntegrityError as error:
            raise Refused(
                "paid_here", "You are paid by this workspace and cannot be its member.", status=409
            ) from error
        audit.note("invitation.accept", row[0], actor_id=user.pk)
    return uuid.UUID(str(row[1]))


def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Revoke an invitation; its token stops working at once."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(revoked_at=Now())
    audit.note("invitation.revoke", invitation.pk, actor_id=by.pk)


def remove_member(*, membership: Membership, by: User) -> int:
    """Remove a member, from their next request on, also at the desk.

    The keys they made are revoked, because they know the secrets; so are their own desk keys.

    Returns: how many keys were revoked.
    Raises: Refused for the last owner.
    """
    _keep_an_owner(membership)
    membership.delete()
    audit.note("member.remove", membership.user_id, actor_id=by.pk)
    # Nobody is a member and paid in one workspace (M10), so this desk key is for unpaid projects only.
    return _end_keys(
        Q(created_by=membership.user_id, annotator=None) | Q(annotator=membership.user_id), by
    )


def change_role(*, membership: Membership, role: str, by: User) -> None:
    """Change a member's role, from their next request on. If it may not make keys, those they made are revoked.

    Raises: Refused when the last owner would lose that role.
    """
    if role not in Role.values:
        raise invalid("role", "unknown role")
    if role != Role.OWNER:
        _keep_an_owner(membership)
    Membership.objects.filter(pk=membership.pk).update(role=role)
    if not may(role, Capability.EDIT):
        _end_keys(Q(created_by=membership.user_id, annotator=None), by)
    audit.note(
        "member.role",
        membership.user_id,
        actor_id=by.pk,
        data={"from": membership.role, "to": role},
    )


def _end_keys(which: Q, by: User) -> int:
    keys = list(ApiKey.objects.filter(which, revoked_at=None))
    for key in keys:
        revoke_key(key=key, by=by)
    return len(keys)


def _keep_an_owner(membership: Membership) -> None:
    owners = list(
        Membership.objects.select_for_update().filter(role=Role.OWNER).values_list("pk", flat=True)
    )
    if owners == [membership.pk]:
        raise Refused("last_owner", "A workspace keeps at least one owner.", status=409)


def create_key(
    *,
    workspace_id: uuid.UUID,
    name: str,
    scopes: list[str],
    by_id: uuid.UUID,
    expires_at: datetime | None = None,
    annotator_id: uuid.UUID | None = None,
) -> tuple[ApiKey, str]:
    """Make a key. A desk key (`scopes` ["desk"]) belongs to `annotator_id`.

    Returns: the key, and its secret, which can be shown only now.
    Raises: Refused for unknown scopes.
    """
    allowed = ("desk",) if annotator_id else SCOPES
    if not scopes or any(scope not in allowed for scope in scopes):
        raise invalid("scopes", "choose from " + ", ".join(allowed))
    secret = KEY_PREFIX + secrets.token_urlsafe(24)
    key = ApiKey.objects.create(
        workspace_id=workspace_id,
        name=name[:80] or "key",
        prefix=secret[:10],
        secret_sha256=digest(secret),
        scopes=[scope for scope in allowed if scope in scopes],
        annotator_id=annotator_id,
        created_by_id=by_id,
        expires_at=expires_at,
    )
    audit.note("key.create", key.pk, actor_id=by_id, data={"scopes": key.scopes})
    return key, secret


_TURN = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"


def create_desk_token(
    *,
    person_id: uuid.UUID,
    workspace_id: uuid.UUID,
    name: str,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make an annotator's own desk key in a workspace. Annotator plane of the workspace.

    Returns: the key, and its secret, which can be shown only now.
    Raises: Refused when the annotator has the most working keys allowed. The database refuses a person who was never
        enrolled in the workspace.
    """
    with connection.cursor() as cursor:  # serializes concurrent requests of one annotator
        cursor.execute(_TURN, [f"{workspace_id}{person_id}", locks.TOKENS_OF_A_PERSON])
    lasting = Q(expires_at=None) | Q(expires_at__gt=Now())
    mine = ApiKey.objects.filter(lasting, annotator_id=person_id, revoked_at=None)
    if mine.count() >= TOKENS_AT_MOST:
        detail = f"You have {TOKENS_AT_MOST} working tokens there: revoke one first."
        raise Refused("too_many_tokens", detail, status=409)
    return create_key(
        workspace_id=workspace_id,
        name=name,
        scopes=["desk"],
        by_id=person_id,
        expires_at=expires_at,
        annotator_id=person_id,
    )


def revoke_key(*, key: ApiKey, by: User) -> None:
    """Revoke a key, from its next request on. Revoking it again changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=Now()):
        audit.note("key.revoke", key.pk, actor_id=by.pk, data={"scopes": key.scopes})
