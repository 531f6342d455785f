"""Invariants of recipients: only the active are paid, and no address at Stripe is kept that nobody follows."""

from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "M4",
        "who can be paid by Stripe has an open account there that may get transfers",
        """SELECT id AS recipient FROM billing_recipients_recipient WHERE can_be_paid AND rail = 'stripe_connect'
           AND (account = '' OR transfers <> 'active' OR is_closed)""",
    ),
    Invariant(
        "T5",
        "an address at Stripe is kept until it is used or expires",
        """SELECT id AS link, state FROM billing_recipients_link WHERE url <> ''
           AND (state <> 'ready' OR expires_at < now() - interval '1 day')""",
    ),
    Invariant(
        "M4",
        "a recipient's account is made once, and bank details are never changed: the triggers are enabled",
        guards(
            ("changed", "billing_recipients_recipient"),
            ("edge", "billing_recipients_link"),
            ("append_only", "billing_recipients_bankdetails"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called from the AppConfig's ready()."""
    register("billing.recipients", INVARIANTS)
