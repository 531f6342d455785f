"""The rows of tests/routes.py about money: price, bonuses, the workspace's balance, and a person's earnings."""

from tests import bodies
from tests.identities import ANNOTATOR, HARD, NEWCOMER, OWNER, STAFF, STRANGER, VIEWER
from tests.row import BY_HANDLER, TURNED, Row, look, page, signed_in

# A table: each row on as few lines as it takes.
# fmt: off
MONEY = (
    page("price", "GET", 200, 200, statements=15, lists=TURNED,
         looks=(look("price"), look("price-empty", project_id="empty"))),
    page("price", "POST", 303, 403, body=lambda s: {"price": "0.90", "because": "Longer texts."},
         **BY_HANDLER),
    page("bonus", "GET", 200, 200, statements=16, lists=TURNED, looks=(look("bonus"),)),
    page("bonus", "POST", 303, 403, body=bodies.bonus_form, **BY_HANDLER),
    page("top_up", "GET", 200, 200, statements=18, lists=TURNED,
         looks=(look("top-up"), look("top-up-empty", project_id="empty"))),
    page("top_up", "POST", 200, 403, body=lambda s: {"amount": "0.90"}, **BY_HANDLER),
    page("paid_reading", "GET", 200, 200, statements=20, lists=TURNED,
         looks=(look("paid-reading"), look("paid-reading-empty", project_id="empty"))),
    page("paid_reading", "POST", 303, 403, body=lambda s: {"readers": "1"}, **BY_HANDLER),
    page("money", "GET", 200, 403, statements=22, lists={"cursor": ""}, looks=(look("money"),)),
    page("spend", "GET", 200, 403, single="fifty rows a table", looks=(look("spend"),)),
    page("spend_csv", "GET", 200, 403, single="a file, a row a batch, annotator and question", unseen="a file"),
    page("deposit_new", "GET", 200, 403, single="a form", looks=(look("add-money"),)),
    page("deposit_new", "POST", 422, 403, body=lambda s: {"amount": ""}),
    page("refunds", "GET", 200, 403, statements=13, lists=TURNED, looks=(look("refunds"),)),
    page("refunds", "POST", 422, 403, body=lambda s: {"amount": "0"}),
    page("deposit", "GET", 200, 403, single="one deposit",
         looks=tuple(look(f"deposit-{state}", deposit_id=f"deposit_{state}")
                     for state in ("asked", "open", "paid", "failed", "invoice", "overdue", "canceled"))),
    page("deposit_cancel", "POST", 303, 403),
)

EARNINGS = (
    signed_in("earnings", "GET", 200, statements=26, lists=TURNED,
              looks=(look("earnings", ANNOTATOR), look("earnings-hard", HARD),
                     look("earnings-empty", NEWCOMER))),
    signed_in("earnings_by_project", "GET", 200, statements=16, lists={"cursor": ""},
              looks=(look("earnings-by-project", ANNOTATOR), look("earnings-by-project-empty", NEWCOMER))),
    signed_in("earnings_csv", "GET", 200, single="a file of all lines, read some at a time", unseen="a file"),
    signed_in("earnings_years", "GET", 200, single="one year, a row a workspace",
              looks=(look("earnings-years", ANNOTATOR), look("earnings-years-empty", NEWCOMER))),
    signed_in("earnings_year_csv", "GET", 200, single="one year, a row a workspace", unseen="a file"),
    Row("earnings_answer", "GET", dict.fromkeys((OWNER, VIEWER, STRANGER, STAFF), 404) | {ANNOTATOR: 200},
        single="one answer", looks=(look("earnings-answer", ANNOTATOR, annotation_id="rejected"),)),
)
