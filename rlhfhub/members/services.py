"""Verbs of members that need more rooms than tenancy: an invitation goes out by mail."""

from datetime import timedelta

from django.db.models import Count, Q
from django.db.models.functions import Now

from rlhfhub.ground.refusals import Refused
from rlhfhub.notices import services as notices
from rlhfhub.tenancy import services as tenancy
from rlhfhub.tenancy.models import Invitation, User, Workspace

# The site mails people who did not ask for it, so a workspace can make only so many invitations within a day.
A_DAY, A_DAY_TO_ONE = 100, 3


def invite(*, workspace: Workspace, email: str, role: str, by: User) -> tuple[Invitation, str]:
    """Make an invitation, and put its mail into the outbox; see `rlhfhub.tenancy.services.invite`. Workspace plane.

    Raises: Refused (429) for more than A_DAY invitations of the workspace within a day, or A_DAY_TO_ONE of one address.
    """
    lately = Invitation.objects.filter(created_at__gt=Now() - timedelta(days=1)).aggregate(
        all=Count("id"), of_address=Count("id", filter=Q(email=email.strip().lower()))
    )
    if lately["all"] >= A_DAY or lately["of_address"] >= A_DAY_TO_ONE:
        which = "this address" if lately["all"] < A_DAY else "this workspace"
        words = f"Too many invitations of {which} within a day. Try again tomorrow."
        raise Refused("too_many_invitations", words, status=429)
    invitation, token = tenancy.invite(workspace=workspace, email=email, role=role, by=by)
    notices.mail_invitation(invitation_id=invitation.pk)
    return invitation, token
