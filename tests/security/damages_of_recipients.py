"""For each invariant of recipients, SQL that violates it."""

from tests.security.damage import off, unguarded, without

RECIPIENT, LINK = "billing_recipients_recipient", "billing_recipients_link"

RECIPIENTS: dict[str, list[str]] = {
    "who can be paid by Stripe has an open account there that may get transfers": [
        *without(RECIPIENT, "recipient_can_be_paid"),
        f"UPDATE {RECIPIENT} SET transfers = 'restricted' WHERE can_be_paid",
    ],
    "an address at Stripe is kept until it is used or expires": [
        *without(LINK, "link_kept_while_ready"),
        *unguarded(LINK, f"UPDATE {LINK} SET state = 'used'"),
    ],
    "a recipient's account is made once, and bank details are never changed: the triggers are enabled": off(
        "changed", RECIPIENT
    ),
}
