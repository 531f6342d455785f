"""The rows of `tests/routes.py` about how and when people are paid. What changes that asks for the password first."""

from tests.identities import ANNOTATOR, BROWSERS, HARD, NEWCOMER, OUTSIDER, UNREADY
from tests.row import TURNED, Row, look, signed_in

_NOBODYS = dict.fromkeys(BROWSERS, 404)

# A table: each row on as few lines as it takes.
# fmt: off

RECIPIENTS = (
    signed_in("how_paid", "GET", 200, single="one person",
              looks=(look("how-paid", ANNOTATOR), look("how-paid-missing", HARD), look("how-paid-begin", NEWCOMER),
                     look("how-paid-outsider", OUTSIDER), look("how-paid-unready", UNREADY))),
    signed_in("bank_details", "GET", 303, single="a form", unseen="asks for the password first"),
    signed_in("bank_details_save", "POST", 303, body=lambda s: {"words": "IBAN DE00"}),
    signed_in("paid_go", "POST", 303, body=lambda s: {"kind": "onboarding"}),
    signed_in("paid_again", "GET", 303, single="a redirect", unseen="a redirect"),
    signed_in("paid_returned", "GET", 302, single="a redirect", unseen="a redirect"),
    signed_in("payouts", "GET", 200, statements=15, lists=TURNED,
              looks=(look("payouts", ANNOTATOR), look("payouts-hard", HARD), look("payouts-empty", NEWCOMER))),
    signed_in("pay_me", "POST", 303),
    Row("paid_link", "GET", _NOBODYS | {ANNOTATOR: 200}, single="one address",
        looks=(look("paid-link", ANNOTATOR),)),
    Row("paid_link_open", "GET", _NOBODYS | {ANNOTATOR: 302}, single="a redirect", unseen="a redirect"),
)
