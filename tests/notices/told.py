"""What tests tell people, and read of notices and mails by the owner's login."""

import time
import uuid
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection
from django_scopes import scopes_disabled

from rlhfhub.notices import collecting, sending, services
from rlhfhub.notices.models import Mail, Notice
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.factories import Tenant

LOCAL_MEMORY = "django.core.mail.backends.locmem.EmailBackend"
# Kinds that only these tests register (see conftest): of alerts, and of decisions.
ALERTING, DECIDED = "test.alerting", "test.decided"
DATA: dict[str, Any] = {
    "project": "Essays",
    "number": 3,
    "is_major": True,
    "enrollment_id": str(uuid.UUID(int=7)),
}


def tell(tenant: Tenant, user: User, cause: object = 1, kind: str = ALERTING, **data: Any) -> None:
    """Tell the user something, in the workspace plane."""
    with planes.in_workspace(tenant.pk):
        services.tell(
            person_id=user.pk,
            workspace_id=tenant.pk,
            kind=kind,
            cause=cause,
            data={**DATA, **data},
        )
    time.sleep(0.0015)  # ids of one millisecond have no order


def prefer(user: User, topic: str, how: str) -> None:
    """Choose how the user gets mails about the topic."""
    with planes.at_door():
        services.prefer(person_id=user.pk, topic=topic, how=how)


def make_reachable(*, verified: bool = True, primary: bool = True) -> User:
    """Return a new user with one address, by default a verified primary one."""
    user = people.make_user()
    with planes.at_door():
        EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=primary)
    return user


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


def deliver() -> None:
    """Make the mails that are due, and send them."""
    collecting.collect()
    sending.send_all()


def age(table: str, column: str, **by: int) -> None:
    """Move a time of all rows of the table into the past."""
    with connection.cursor() as cursor:
        interval = ", ".join(f"{unit} => {amount:d}" for unit, amount in by.items())
        cursor.execute(
            f"UPDATE rlhfhub_notices_{table} SET {column} = {column} - make_interval({interval})"
        )
