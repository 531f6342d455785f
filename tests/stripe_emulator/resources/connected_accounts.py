"""/v1/accounts: connected accounts as v1 shows them, their bank accounts, and the way into their dashboard."""

import secrets

from tests.stripe_emulator.clock import MINUTE, seconds
from tests.stripe_emulator.jobs import job
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.recipients import (
    bank_account_of,
    can_receive,
    capability,
    country_of,
    currency_of,
)
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed, listing, public
from tests.stripe_emulator.world import Call, World

LOGIN_LASTS = 5 * MINUTE


def _find(call: Call) -> Object:
    return call.world.find(call.world.platform, "v2.core.account", call.path["account"], "account")


@operation("GET /v1/account")
def retrieve_current(call: Call) -> Object:
    """Return the account that the request is made for."""
    if call.account != call.world.platform:
        return view(
            call.world,
            call.world.find(call.world.platform, "v2.core.account", call.account, "account"),
        )
    capabilities = {"card_payments": "active", "transfers": "active"}
    return {
        "id": call.account,
        "object": "account",
        "capabilities": capabilities,
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "platform@example.org",
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }


@operation("GET /v1/accounts/{account}")
def retrieve(call: Call) -> Object:
    """Return one connected account."""
    return view(call.world, _find(call))


def view(world: World, account: Object) -> Object:
    """Return an account as v1 shows it."""
    country = country_of(account)
    bank = bank_account_of(world, account["id"])
    transfers = {"active": "active", "pending": "pending"}.get(capability(account), "inactive")
    banks = listing(
        [public(bank)] if bank else [], f"/v1/accounts/{account['id']}/external_accounts"
    )
    return {
        **world.oracle.blank("account"),
        "id": account["id"],
        "object": "account",
        "capabilities": {"transfers": transfers},
        "charges_enabled": False,
        "controller": _controller(account),
        "country": country,
        "created": seconds(account["created"]),
        "default_currency": currency_of(country),
        "details_submitted": account["_identity"] != "missing",
        "email": account["contact_email"],
        "external_accounts": banks,
        "metadata": account["metadata"],
        "payouts_enabled": capability(account, "payouts") == "active",
        "requirements": _requirements(account),
        "type": "none",
    }


def _controller(account: Object) -> Object:
    responsibilities = account["defaults"]["responsibilities"]
    payer = responsibilities.get("fees_collector") or "application"
    return {
        "fees": {"payer": "account" if payer == "stripe" else payer},
        "is_controller": True,
        "losses": {"payments": responsibilities.get("losses_collector") or "stripe"},
        "requirement_collection": "stripe",
        "stripe_dashboard": {"type": account["dashboard"] or "none"},
        "type": "application",
    }


def _requirements(account: Object) -> Object:
    entries = account["requirements"]["entries"]
    by_status: dict[str, list[str]] = {"currently_due": [], "eventually_due": [], "past_due": []}
    for entry in entries:
        by_status[entry["minimum_deadline"]["status"]].append(entry["description"])
    due = by_status["past_due"] + by_status["currently_due"]
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": None if can_receive(account) else "requirements.past_due",
        "errors": [],
        "eventually_due": due + by_status["eventually_due"],
        "past_due": by_status["past_due"],
        "pending_verification": [],
    }


@job("connected_accounts.tell")
def tell(world: World, account: str) -> None:
    """Emit v1's event of a changed account; several changes of one moment are told together."""
    found = world.store.get(account)
    assert found is not None
    body = view(world, found)
    if body != found.get("_told"):
        world.change(found, _told=body)
        world.emit("account.updated", body, account=account)


@operation("POST /v1/accounts/{account}/login_links")
def create_login_link(call: Call) -> Object:
    """Make an address at which a person gets into their Express dashboard, once."""
    account = _find(call)
    token = secrets.token_urlsafe(18)
    call.world.new(
        call.account, "_login_link", "lael",
        account=account["id"], token=token, expires=call.world.now + LOGIN_LASTS, used=False,
    )  # fmt: skip
    return {
        "object": "login_link",
        "created": call.world.now,
        "url": f"{call.world.address}/express/{token}",
    }


@operation("GET /v1/accounts/{account}/external_accounts", *PAGED, "object")
def list_external_accounts(call: Call) -> Object:
    """Return the bank accounts of a connected account."""
    account = _find(call)
    own = Call(call.world, account["id"], call.parameters, call.path)
    return listed(own, "bank_account", f"/v1/accounts/{account['id']}/external_accounts")


@operation("GET /v1/accounts/{account}/external_accounts/{id}")
def retrieve_external_account(call: Call) -> Object:
    """Return one bank account of a connected account."""
    return call.world.find(_find(call)["id"], "bank_account", call.path["id"])
