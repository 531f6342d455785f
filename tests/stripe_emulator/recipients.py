"""What a connected account (v2, configuration `recipient`) may do, which follows from what is known of its person.

Kept with the account: `_identity` is missing, document (a photo of a document is still needed) or verified; `_forced`
is a status that a test set. Capabilities, requirements and the events that tell of them are made from these here.
"""

from tests.stripe_emulator import events
from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.world import World

IDENTITIES = ("missing", "document", "verified")
# What a payout to a bank account fails with, by the end of its number; Stripe's own test numbers.
BANKS = {
    "good": ("6789", None),
    "bad": ("1116", "no_account"),
    "closed": ("1113", "account_closed"),
    "unauthorized": ("3335", "debit_not_authorized"),
}
TRANSFERS = "stripe_balance.stripe_transfers"
PAYOUTS = "stripe_balance.payouts"
PERSON = (
    "identity.individual.given_name",
    "identity.individual.surname",
    "identity.individual.date_of_birth",
)
NOT_PHOTOGRAPHED = {
    "code": "verification_document_not_uploaded",
    "description": "Upload a photo of an identity document.",
}
CURRENCIES = {"US": "usd", "GB": "gbp", "CA": "cad", "CH": "chf", "JP": "jpy", "IN": "inr"}


def capability(account: Object, name: str = "stripe_transfers") -> str:
    """Return the status of a capability of an account's Stripe balance; "unrequested" if it was not asked for."""
    recipient = (account["configuration"] or {}).get("recipient") or {}
    found = ((recipient.get("capabilities") or {}).get("stripe_balance") or {}).get(name)
    return found["status"] if found else "unrequested"


def can_receive(account: Object) -> bool:
    """If transfers may be sent to an account."""
    return capability(account) == "active"


def bank_account_of(world: World, account: str) -> Object | None:
    """Return the bank account that an account is paid out to."""
    return next(iter(world.store.select(account, "bank_account")), None)


def fails_with(bank: Object | None) -> str | None:
    """Return the code with which payouts to a bank account fail; None if they arrive."""
    return next((code for last4, code in BANKS.values() if bank and bank["last4"] == last4), None)


def set_identity(world: World, account: Object, identity: str) -> None:
    """Note what is known of the person."""
    if identity not in IDENTITIES:
        raise Refusal(f"identity is one of {', '.join(IDENTITIES)}")
    world.change(account, _identity=identity)
    _emit(world, account, "v2.core.account[identity].updated")
    refresh(world, account)


def set_bank(world: World, account: Object, bank: str) -> None:
    """Give the account a bank account in place of the one it has ("none" takes it away)."""
    if bank not in (*BANKS, "none"):
        raise Refusal(f"bank is none or one of {', '.join(BANKS)}")
    identifier = account["id"]
    if old := bank_account_of(world, identifier):
        world.emit("account.external_account.deleted", old, account=identifier)
        world.store.remove(old["id"])
    if bank != "none":
        new = _bank_account(world, account, BANKS[bank][0])
        world.emit("account.external_account.created", new, account=identifier)
    refresh(world, account)
    for row in world.store.rows("SELECT currency FROM balances WHERE account = ?", identifier):
        world.later(0, "payouts.schedule", account=identifier, currency=row["currency"])


def _bank_account(world: World, account: Object, last4: str) -> Object:
    country = country_of(account)
    return world.new(
        account["id"],
        "bank_account",
        "ba",
        account=account["id"],
        bank_name="STRIPE TEST BANK",
        country=country,
        currency=currency_of(country),
        default_for_currency=True,
        fingerprint=f"bank{last4}",
        last4=last4,
        metadata={},
        routing_number="110000000",
        status="new",
    )


def country_of(account: Object) -> str:
    """Return the country of an account, in upper case."""
    return str((account["identity"] or {}).get("country") or "US").upper()


def currency_of(country: str) -> str:
    """Return the currency that people in a country are paid in."""
    return CURRENCIES.get(country, "eur")


def note_bank_account(world: World, account: str, bank: str | None, status: str) -> None:
    """Note that a bank account does not work, or works."""
    found = world.store.get(bank) if bank else None
    if found is None or found["status"] == status:
        return
    world.change(found, status=status)
    world.emit("account.external_account.updated", found, account=account)
    if connected := world.store.get(account):
        refresh(world, connected)


def force(world: World, account: Object, status: str | None, requirement: str | None) -> None:
    """Set the status of `stripe_transfers`, and a requirement that is past due, whatever is known of the person."""
    world.change(account, _forced={"status": status, "requirement": requirement})
    refresh(world, account)


def refresh(world: World, account: Object) -> None:
    """Make capabilities and requirements anew, and emit events for what changed."""
    bank = bank_account_of(world, account["id"])
    entries = _entries(account, bank)
    before = {name: capability(account, name) for name in ("stripe_transfers", "payouts")}
    old = account["requirements"]
    requirements = {"entries": entries, "summary": {"minimum_deadline": _summary(entries)}}
    configuration = _configuration(account, bank)
    world.change(account, requirements=requirements, configuration=configuration)
    if old != requirements:
        _emit(world, account, "v2.core.account[requirements].updated")
    changed = [name for name, status in before.items() if capability(account, name) != status]
    for name in changed:
        kind = "v2.core.account[configuration.recipient].capability_status_updated"
        _emit(world, account, kind, {"updated_capability": f"stripe_balance.{name}"})
    if changed or old != requirements:
        world.later(0, "connected_accounts.tell", account=account["id"])


def _emit(world: World, account: Object, kind: str, data: Object | None = None) -> None:
    identifier = account["id"]
    related = {
        "id": identifier,
        "type": "v2.core.account",
        "url": f"/v2/core/accounts/{identifier}",
    }
    events.emit_v2(world, identifier, kind, related, data)


def emit_created(world: World, account: Object) -> None:
    """Tell of a new account."""
    _emit(world, account, "v2.core.account.created")


def emit_closed(world: World, account: Object) -> None:
    """Tell of an account that was closed."""
    _emit(world, account, "v2.core.account.closed")


def emit_updated(world: World, account: Object) -> None:
    """Tell of a changed account."""
    _emit(world, account, "v2.core.account.updated")


def _configuration(account: Object, bank: Object | None) -> Object:
    """Return the configuration with the present status of its capabilities."""
    configuration = account["configuration"] or {}
    recipient = configuration.get("recipient")
    if not recipient or not account["_requested"]:
        return configuration
    forced = account["_forced"]["status"]
    verified = account["_identity"] == "verified"
    transfers = forced or ("active" if verified else "restricted")
    payouts = "active" if verified and bank and bank["status"] != "errored" else "restricted"
    balance = {"stripe_transfers": _status(transfers), "payouts": _status(payouts)}
    capabilities = {"bank_accounts": None, "cards": None, "stripe_balance": balance}
    return {**configuration, "recipient": {**recipient, "capabilities": capabilities}}


def _status(status: str) -> Object:
    reasons = {
        "restricted": {"code": "requirements_past_due", "resolution": "provide_info"},
        "pending": {"code": "determining_status", "resolution": "no_resolution"},
        "rejected": {"code": "rejected_other", "resolution": "contact_stripe"},
        "unsupported": {"code": "unsupported_country", "resolution": "no_resolution"},
    }
    return {"status": status, "status_details": [reasons[status]] if status in reasons else []}


def _entries(account: Object, bank: Object | None) -> list[Object]:
    """Return what the person must still do."""
    if not account["_requested"]:
        return []
    entries = []
    if account["_identity"] == "missing":
        entries += [_entry(description, TRANSFERS, "currently_due") for description in PERSON]
    if account["_identity"] == "document":
        document = "identity.individual.documents.primary_verification"
        entries.append(_entry(document, TRANSFERS, "past_due", [dict(NOT_PHOTOGRAPHED)]))
    if requirement := account["_forced"]["requirement"]:
        entries.append(_entry(requirement, TRANSFERS, "past_due"))
    if bank is None or bank["status"] == "errored":
        entries.append(_entry("external_account", PAYOUTS, "past_due" if bank else "currently_due"))
    return entries


def _entry(
    description: str, restricts: str, status: str, errors: list[Object] | None = None
) -> Object:
    restricted = {
        "capability": restricts,
        "configuration": "recipient",
        "deadline": {"status": status},
    }
    return {
        "awaiting_action_from": "user",
        "description": description,
        "errors": errors or [],
        "impact": {"restricts_capabilities": [restricted]},
        "minimum_deadline": {"status": status},
        "reference": None,
        "requested_reasons": [{"code": "routine_onboarding"}],
    }


def _summary(entries: list[Object]) -> Object | None:
    statuses = {entry["minimum_deadline"]["status"] for entry in entries}
    worst = next(
        (
            status
            for status in ("past_due", "currently_due", "eventually_due")
            if status in statuses
        ),
        None,
    )
    return {"status": worst, "time": None} if worst else None
