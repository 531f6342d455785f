"""The rows of tests/routes.py to which Stripe sends events. Only Stripe can sign one: no session and no key counts."""

from tests.identities import EVERYBODY
from tests.row import Row

STRIPE = (
    Row(
        "stripe_webhook",
        "GET",
        dict.fromkeys(EVERYBODY, 405),
        single="of no rows",
        unseen="for machines",
    ),
    Row("stripe_webhook", "POST", dict.fromkeys(EVERYBODY, 400)),
)
