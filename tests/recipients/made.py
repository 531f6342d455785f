"""Makes recipients for tests: by the services, and as a worker and Stripe would have gone on."""

from datetime import timedelta
from typing import Any

from django.db import connection

from billing.recipients import services
from billing.recipients.models import Link, Recipient
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import User

SECRET = "https://stripe.example/setup/qzsecret"


def asked(user: User, kind: str = "onboarding") -> Link:
    """The user presses the button."""
    with planes.at_desk(user.pk):
        return services.wish_link(person_id=user.pk, kind=kind, name=user.name, email=user.email)


def recipient_of(user: User) -> Recipient:
    with planes.as_system():
        return Recipient.objects.get(person_id=user.pk)


def state(user: User, **fields: Any) -> None:
    """Change columns of a user's recipient, as a worker does."""
    with planes.as_system():
        Recipient.objects.filter(person_id=user.pk).update(**fields)


def make_payable(user: User, account: str = "") -> Recipient:
    """Make the user somebody who can be paid by Stripe. Nothing is asked of Stripe."""
    with planes.at_desk(user.pk):
        services.ask(person_id=user.pk, name=user.name, email=user.email)
    state(user, state="made", account=account or f"acct_{user.pk.hex}")
    with planes.as_system():
        now = clock.now()
    later = now + timedelta(days=1)
    state(user, transfers="active", can_be_paid=True, looked_at=now, look_at=later)
    return recipient_of(user)


def make_recipient(user: User) -> Link:
    """Make the user a recipient whom Stripe asks for something, with an address that is ready. Returns the link."""
    make_payable(user)
    link = asked(user)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_recipients_link SET state = 'ready', url = %s, expires_at = now() + interval '1 day', "
            "next_at = now() + interval '1 day' WHERE id = %s",
            [f"{SECRET}/{link.pk}", link.pk],
        )
    with planes.at_desk(user.pk), connection.cursor() as cursor:
        cursor.execute(services._DETAILS, [user.pk, user.pk, f"{user.name} qzbank"])
    return link
