"""The demo's people, workspaces and keys, made by the site's own services in the door and workspace planes."""

import secrets
import uuid
from io import StringIO
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import call_command
from django_scopes import scope

from annotators.profiles import services as profiles
from annotators.profiles.selectors import terms_in_force
from billing.funding import services as funding
from rlhfhub.tenancy import planes, selectors, services
from rlhfhub.tenancy.models import ApiKey, Membership, User, Workspace
from rlhfhub.tenancy.planes import Plane

Login = dict[str, Any]
DEPOSIT_MINOR = 1_000_00
APPEAL_PRICE_MINOR = 2_00


def ensure_user(known: Login, *, email: str, name: str, staff: bool = False) -> Login:
    """Return the login of the user with this email, who is created if missing.

    If the known password is missing or no longer right, a new one is set. Staff are made with the owner's login,
    outside the planes.
    """
    with planes.at_door():
        user = User.objects.filter(email=email).first()
        password = known.get("password", "")
        if user is None or not password or not user.check_password(password):
            password = secrets.token_urlsafe(12)
        if user is None:
            user = User.objects.create_user(email, password, name=name)
        elif not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        EmailAddress.objects.get_or_create(
            user=user, email=email, defaults={"verified": True, "primary": True}
        )
    if staff and not user.is_staff:
        User.objects.filter(pk=user.pk).update(is_staff=True)
    return {**known, "email": email, "name": name, "password": password, "user": str(user.pk)}


def choose_side(login: Login, side: str) -> None:
    """Let the login use this side of the site, as its owner chose at sign-up."""
    with planes.at_door():
        services.set_side(user=User.objects.get(pk=login["user"]), side=side)


def ensure_may_be_paid(login: Login) -> None:
    """Fill in the login's profile and accept the terms, as paid work needs."""
    person_id = uuid.UUID(login["user"])
    choose_side(login, User.Side.WORK)
    with planes.at_desk(person_id):
        profiles.save_profile(
            person_id=person_id,
            is_adult=True,
            country="DE",
            languages=["en", "de"],
            domains=["python"],
        )
        profiles.accept_terms(person_id=person_id, number=terms_in_force().number)


def ensure_workspace(owner: Login, *, name: str, slug: str) -> Workspace:
    """Return the owner's workspace with this slug, made if missing."""
    with planes.at_door():
        user = User.objects.get(pk=owner["user"])
        if known := selectors.membership_of(user.pk, slug):
            with planes.in_workspace(known):
                return Workspace.objects.get(pk=known)
        return services.create_workspace(user=user, name=name, slug=slug)


def ensure_platform() -> Workspace:
    """Return the platform's workspace, with the project in which appeals are decided; both are made if missing.

    It is made with the owner's login, outside the planes, and its members are the site's staff.
    """
    call_command("platform", price_minor=APPEAL_PRICE_MINOR, stdout=StringIO())
    return Workspace.objects.get(slug=settings.PLATFORM_WORKSPACE)


def ensure_member(workspace: Workspace, login: Login, *, owner: Login, role: str) -> None:
    """Make the login a member, by an invitation that they accept."""
    with planes.in_workspace(workspace.pk):
        if Membership.objects.filter(user_id=login["user"]).exists():
            return
        by = User.objects.get(pk=owner["user"])
        _, token = services.invite(workspace=workspace, email=login["email"], role=role, by=by)
    with planes.at_door():
        services.accept_invitation(user=User.objects.get(pk=login["user"]), token=token)


def ensure_key(
    workspace_id: uuid.UUID, known: str, *, name: str, by: Login, annotator: Login | None = None
) -> str:
    """Return the secret of a working key: the known one, or a new one.

    An annotator's key is made with the owner's login, outside the planes, because they may not be enrolled yet.
    """
    with scope(workspace=workspace_id) if annotator else planes.in_workspace(workspace_id):
        if (
            known
            and ApiKey.objects.filter(
                secret_sha256=services.digest(known), revoked_at=None, expires_at=None
            ).exists()
        ):
            return known
        _, secret = services.create_key(
            workspace_id=workspace_id,
            name=name,
            scopes=["desk"] if annotator else list(services.SCOPES),
            by_id=uuid.UUID(by["user"]),
            annotator_id=uuid.UUID(annotator["user"]) if annotator else None,
        )
    return secret


def ensure_deposit(workspace: Workspace, *, staff: Login) -> bool:
    """Book a deposit once, as a member of staff. Returns whether it is new."""
    with planes.entered(Plane.STAFF):
        return funding.deposit(
            workspace_id=workspace.pk,
            currency=workspace.currency,
            amount_minor=DEPOSIT_MINOR,
            reference=f"demo-{workspace.pk}",
            actor_id=uuid.UUID(staff["user"]),
            note="The demo's first deposit",
        )
