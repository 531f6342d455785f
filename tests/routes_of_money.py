"""The rows of tests/routes.py on which members see and manage the money of their workspace."""

from tests.row import TURNED, look, page

# A table: each row on as few lines as it takes.
# fmt: off
MONEY = (
    page("money", "GET", 200, 403, statements=20, lists={"cursor": ""}, looks=(look("money"),)),
    page("deposit_new", "GET", 200, 403, single="a form", looks=(look("add-money"),)),
    page("deposit_new", "POST", 422, 403, body=lambda s: {"amount": ""}),
    page("refunds", "GET", 200, 403, statements=13, lists=TURNED, looks=(look("refunds"),)),
    page("refunds", "POST", 422, 403, body=lambda s: {"amount": "0"}),
    page("deposit", "GET", 200, 403, single="one deposit",
         looks=tuple(look(f"deposit-{state}", deposit_id=f"deposit_{state}")
                     for state in ("asked", "open", "paid", "failed"))),
)
