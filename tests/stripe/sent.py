"""Sends webhooks to the site, as Stripe does."""

from typing import Any

from django.test import Client

from billing.stripe.models import InboundEvent
from rlhfhub.tenancy import planes
from tests.stripe.made import SECRETS, signature, written


def post(body: Any, signed: str | None = "", endpoint: str = "platform", **more: Any) -> Any:
    """Send a body to an endpoint, signed by its first secret unless `signed` is another header, or None for none."""
    if signed == "":
        signed = signature(body, SECRETS[endpoint][0])
    headers = {} if signed is None else {"HTTP_STRIPE_SIGNATURE": signed}
    path = f"/webhooks/stripe/{endpoint}/"
    return Client().generic(
        "POST", path, written(body), "application/json; charset=utf-8", **headers, **more
    )


def refused(answer: Any) -> str:
    """Return the code of a refusal."""
    assert answer.status_code == 400, answer.content
    return str(answer.json()["code"])


def rows() -> list[InboundEvent]:
    with planes.as_system():
        return list(InboundEvent.objects.order_by("id"))
