"""What tests read of notices, by the owner's login, and a kind to tell."""

import uuid
from typing import Any

from django_scopes import scopes_disabled

from projects.enrollment.notices import CHANGED
from rlhfhub.notices import services
from rlhfhub.notices.models import Mail, Notice
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests.factories import Tenant

KIND = CHANGED
DATA: dict[str, Any] = {
    "project": "Essays",
    "number": 3,
    "is_major": True,
    "enrollment_id": str(uuid.UUID(int=7)),
}


def tell(tenant: Tenant, user: User, cause: object = 1, kind: str = KIND, **data: Any) -> None:
    """Tell the user something, in the workspace plane."""
    with planes.in_workspace(tenant.pk):
        services.tell(
            person_id=user.pk,
            workspace_id=tenant.pk,
            kind=kind,
            cause=cause,
            data={**DATA, **data},
        )


def notices(user: User) -> list[Notice]:
    """Return the user's notices, oldest first."""
    with scopes_disabled():
        return list(Notice.objects.filter(person=user).order_by("pk"))


def kinds_told(user: User) -> list[str]:
    """Return the kinds of the user's notices, oldest first."""
    return [notice.kind for notice in notices(user)]


def mails() -> list[Mail]:
    """Return the mails of the outbox, oldest first."""
    return list(Mail.objects.order_by("pk"))
