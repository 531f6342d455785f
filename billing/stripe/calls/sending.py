"""Sends calls and reads lists."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from billing.stripe.client import client
from billing.stripe.errors import Refused, translated
from billing.stripe.fields import OTHER_UNITS, Fields
from rlhfhub.ground.currencies import DECIMALS

if TYPE_CHECKING:
    from stripe import RequestOptions, StripeClient

# Objects of one page of a list.
PAGE = 100
#: Stripe keeps an idempotency key for at least 24 hours. After this time nothing is sent again under an old key:
#: what an earlier request made is looked up instead.
KEY_LASTS = timedelta(hours=23)


def called(call: Callable[["StripeClient"], Any]) -> Fields:
    """Return the fields of the object that the call returns. Raises: CallFailed."""
    with translated():
        found = call(client())
    return Fields(found.to_dict())


def listed(call: Callable[["StripeClient"], Any]) -> Iterator[Fields]:
    """Yield the fields of each object of the list that the call returns, page after page. Raises: CallFailed."""
    with translated():
        for found in call(client()).auto_paging_iter():
            yield Fields(found.to_dict())


def under(key: str) -> "RequestOptions":
    """Return the options of a request that is sent under an idempotency key."""
    return {"idempotency_key": key}


def within(account: str) -> "RequestOptions":
    """Return the options of a request that is made for a connected account; "" is the platform itself."""
    return {"stripe_account": account} if account else {}


def takes(currency: str) -> bool:
    """Return whether money of this currency (upper case) can be sent: Stripe counts it in the same unit as we do."""
    return currency in DECIMALS and currency not in OTHER_UNITS


def sent(currency: str) -> str:
    """Return the currency as Stripe writes it. Raises: Refused for one that Stripe counts in another unit."""
    if not takes(currency):
        raise Refused("currency_not_supported", f"Amounts in {currency} cannot be sent to Stripe.")
    return currency.lower()
