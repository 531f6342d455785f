"""/v2/core/account_links: addresses at which a person gives Stripe what it must know. Each works once, for minutes."""

import secrets

from tests.stripe_emulator.clock import MINUTE, iso
from tests.stripe_emulator.operations import operation
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.world import Call

KIND = "_account_link"
LASTS = 5 * MINUTE


@operation("POST /v2/core/account_links", "account", "use_case")
def create(call: Call) -> Object:
    """Make a link."""
    account = call.world.find(call.account, "v2.core.account", call.get("account", ""), "account")
    token = secrets.token_urlsafe(18)
    use_case = call.get("use_case")
    expires = call.world.now + LASTS
    call.world.new(
        call.account, KIND, "link",
        account=account["id"], token=token, use_case=use_case, expires=expires, used=False,
    )  # fmt: skip
    return {
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": iso(call.world.now),
        "expires_at": iso(expires),
        "livemode": False,
        "url": f"{call.world.address}/onboarding/{token}",
        "use_case": use_case,
    }
