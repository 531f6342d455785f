"""/v2/core/accounts: people who are paid, as connected accounts of the platform."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from tests.stripe_emulator import money
from tests.stripe_emulator.errors import Refusal, check_known
from tests.stripe_emulator.operations import operation
from tests.stripe_emulator.recipients import emit_closed, emit_created, emit_updated, refresh
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import merged_metadata, public
from tests.stripe_emulator.world import Call

KIND = "v2.core.account"
FIELDS = ("contact_email", "contact_phone", "dashboard", "display_name")
# Parts that are null unless a request includes them.
PARTS = ("defaults", "future_requirements", "identity", "requirements")
CONFIGURATIONS = ("customer", "merchant", "recipient")


@operation(
    "POST /v2/core/accounts",
    *FIELDS,
    "configuration",
    "defaults",
    "identity",
    "include",
    "metadata",
)
def create(call: Call) -> Object:
    """Make a connected account."""
    if call.account != call.world.platform:
        raise Refusal("Only the platform can make accounts.", status=403)
    defaults = call.get("defaults") or {}
    responsibilities = {"requirements_collector": "stripe", **defaults.get("responsibilities", {})}
    account = call.world.new(
        call.account,
        KIND,
        "acct",
        **call.given(*FIELDS),
        applied_configurations=[],
        closed=False,
        configuration={},
        defaults={
            "currency": None,
            "locales": None,
            "profile": None,
            **defaults,
            "responsibilities": responsibilities,
        },
        identity=_identity(call),
        metadata=merged_metadata({}, call.get("metadata")),
        requirements={"entries": [], "summary": {"minimum_deadline": None}},
        _identity="missing",
        _requested=False,
        _forced={"status": None, "requirement": None},
    )
    emit_created(call.world, account)
    _configure(call, account)
    return view(call, account)


def _identity(call: Call) -> Object:
    """Return the given identity. What is said of the person is not kept: Stripe verifies it, and we do not need it."""
    given = call.get("identity") or {}
    return {
        "country": (given.get("country") or "us").lower(),
        "entity_type": given.get("entity_type", "individual"),
    }


def _configure(call: Call, account: Object) -> None:
    """Apply the given configurations, and request capabilities."""
    given = call.get("configuration") or {}
    check_known(given, "configuration", "recipient")
    if "recipient" not in given:
        return
    if (
        account["dashboard"] == "express"
        and account["defaults"]["responsibilities"].get("losses_collector") != "application"
    ):
        raise Refusal(
            "An account with the Express dashboard needs defaults.responsibilities with losses_collector application.",
            param="defaults.responsibilities",
        )
    capabilities = (given["recipient"] or {}).get("capabilities") or {}
    transfers = (capabilities.get("stripe_balance") or {}).get("stripe_transfers") or {}
    requested = bool(transfers.get("requested", account["_requested"]))
    recipient = (account["configuration"] or {}).get("recipient") or {
        "applied": True,
        "capabilities": None,
    }
    call.world.change(
        account,
        applied_configurations=["recipient"],
        configuration={"recipient": recipient},
        _requested=requested,
    )
    refresh(call.world, account)


@operation("GET /v2/core/accounts/{id}", "include")
def retrieve(call: Call) -> Object:
    """Return one account, with the parts that the request includes."""
    return view(call, _find(call))


def _find(call: Call) -> Object:
    return call.world.find(call.world.platform, KIND, call.path["id"])


@operation(
    "POST /v2/core/accounts/{id}",
    *FIELDS,
    "configuration",
    "defaults",
    "identity",
    "include",
    "metadata",
)
def update(call: Call) -> Object:
    """Change an account."""
    account = _find(call)
    metadata = {name: value or "" for name, value in (call.get("metadata") or {}).items()}
    fields: Any = call.given(*FIELDS) | {"metadata": merged_metadata(account["metadata"], metadata)}
    if "identity" in call.parameters:
        fields["identity"] = account["identity"] | {"country": _identity(call)["country"]}
    call.world.change(account, **fields)
    emit_updated(call.world, account)
    _configure(call, account)
    return view(call, account)


@operation("GET /v2/core/accounts", "applied_configurations", "closed", "limit", "page")
def list_accounts(call: Call) -> Object:
    """Return a page of the platform's accounts, the newest first."""
    conditions, values = ["coalesce(body ->> 'closed', 0) = ?"], [call.get("closed", False)]
    for configuration in call.get("applied_configurations") or ():
        conditions.append("? IN (SELECT value FROM json_each(body, '$.applied_configurations'))")
        values.append(configuration)
    where = " AND ".join(conditions)
    return page_of(call, KIND, "/v2/core/accounts", lambda each: view(call, each), where, *values)


@operation("POST /v2/core/accounts/{id}/close", "applied_configurations")
def close(call: Call) -> Object:
    """Close an account for good. It must have no money left."""
    account = _find(call)
    if any(
        pending or available
        for pending, available in money.balances(call.world, account["id"]).values()
    ):
        raise Refusal(
            "This account cannot be closed while its balance is not zero.",
            code="account_balance_not_zero",
        )
    call.world.change(account, closed=True, applied_configurations=[])
    emit_closed(call.world, account)
    return view(call, account)


def page_of(call: Call, kind: str, url: str, show: Any, where: str = "", *values: Any) -> Object:
    """Return a page of a list as v2 answers it: it names the address of the next one."""
    limit = call.get("limit", 20)
    conditions, bound = ([where] if where else []), list(values)
    if page := call.get("page"):
        conditions.append("seq < ?")
        bound.append(int(base64.urlsafe_b64decode(page).decode()))
    found = call.world.store.select(
        call.account, kind, " AND ".join(conditions), *bound, limit=limit + 1
    )
    data = found[:limit]
    following = None
    if len(found) > limit:
        token = base64.urlsafe_b64encode(
            str(call.world.store.seq(data[-1]["id"])).encode()
        ).decode()
        following = f"{url}?{urlencode(list(_flat(call.parameters | {'page': token})))}"
    return {
        "data": [show(each) for each in data],
        "next_page_url": following,
        "previous_page_url": None,
    }


def _flat(parameters: Object) -> Iterator[tuple[str, str]]:
    """The parameters of a list as they stand in an address, so that its next page has the same filters."""
    for name, value in parameters.items():
        if isinstance(value, list):
            yield from ((f"{name}[{index}]", each) for index, each in enumerate(value))
        elif isinstance(value, dict):
            yield from ((f"{name}[{inner}]", each) for inner, each in value.items())
        else:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)


def view(call: Call, account: Object) -> Object:
    """Return an account as v2 shows it."""
    included = call.get("include") or []
    answer = public(account)
    for part in PARTS:
        if part not in included:
            answer[part] = None
    wanted = [name for name in CONFIGURATIONS if f"configuration.{name}" in included]
    held = account["configuration"] or {}
    answer["configuration"] = (
        {name: held.get(name) if name in wanted else None for name in CONFIGURATIONS}
        if wanted
        else None
    )
    return answer
