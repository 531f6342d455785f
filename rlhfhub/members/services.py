"""Verbs of members that need more rooms than tenancy: an invitation goes out by mail."""

from rlhfhub.notices import services as notices
from rlhfhub.tenancy import services as tenancy
from rlhfhub.tenancy.models import Invitation, User, Workspace


def invite(*, workspace: Workspace, email: str, role: str, by: User) -> tuple[Invitation, str]:
    """Make an invitation, and put its mail into the outbox; see `rlhfhub.tenancy.services.invite`. Workspace plane."""
    invitation, token = tenancy.invite(workspace=workspace, email=email, role=role, by=by)
    notices.mail_invitation(invitation_id=invitation.pk)
    return invitation, token
