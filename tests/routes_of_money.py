"""The rows of tests/routes.py about money: a project's price, what is given beside it, and the workspace's balance."""

from tests import bodies
from tests.row import BY_HANDLER, TURNED, look, page

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
    page("money", "GET", 200, 403, statements=22, lists={"cursor": ""}, looks=(look("money"),)),
    page("spend", "GET", 200, 403, single="fifty rows a table", looks=(look("spend"),)),
    page("spend_csv", "GET", 200, 403, single="a file, a row a batch, annotator and question", unseen="a file"),
    page("deposit_new", "GET", 200, 403, single="a form", looks=(look("add-money"),)),
    page("deposit_new", "POST", 422, 403, body=lambda s: {"amount": ""}),
    page("refunds", "GET", 200, 403, statements=13, lists=TURNED, looks=(look("refunds"),)),
    page("refunds", "POST", 422, 403, body=lambda s: {"amount": "0"}),
    page("deposit", "GET", 200, 403, single="one deposit",
         looks=tuple(look(f"deposit-{state}", deposit_id=f"deposit_{state}")
                     for state in ("asked", "open", "paid", "failed"))),
)
