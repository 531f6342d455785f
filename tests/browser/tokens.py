"""Tokens of an annotator for screenshots."""

from datetime import timedelta

from django.utils import timezone

from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import ApiKey
from tests.people import Annotator


def make_token(person: Annotator, name: str, days: int | None = None) -> ApiKey:
    """Create a token of the annotator. With `days`, it expires after that."""
    workspace = person.enrollment.workspace_id
    expires_at = None if days is None else timezone.now() + timedelta(days=days)
    with planes.at_desk(person.user.pk, workspace):
        token, _secret = services.create_desk_token(
            person_id=person.user.pk, workspace_id=workspace, name=name, expires_at=expires_at
        )
    return token


def make_tokens(person: Annotator) -> None:
    """Create a token of each state: active, expired, revoked."""
    make_token(person, "My laptop", 90)
    make_token(person, "Last year's script", 0)
    lost = make_token(person, "Lost <phone>", 30)
    with planes.at_desk(person.user.pk, lost.workspace_id):
        services.revoke_key(key=lost, by=person.user)
