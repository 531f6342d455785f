"""Webhook endpoints that the command line or a test names in one line: "URL,SECRET[,SECRET][,connect|thin]"."""

import secrets

from tests.stripe_emulator.queue import KEPT_AFTER_ROLL
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.world import World

PREFIX = "whsec_"


def new_secret() -> str:
    """Return a new secret to sign an endpoint's webhooks with."""
    return PREFIX + secrets.token_urlsafe(24)


def register(world: World, described: str) -> Object:
    """Make an endpoint for all events of the platform, of connected accounts, or of v2, unless it is there."""
    url, *more = described.split(",")
    kinds = [word for word in more if not word.startswith(PREFIX)]
    given = [word for word in more if word.startswith(PREFIX)]
    kind = kinds[0] if kinds else "platform"
    present = [
        *world.store.select(world.platform, "webhook_endpoint"),
        *world.store.select(world.platform, "v2.core.event_destination"),
    ]
    for endpoint in present:
        if endpoint["_described"] == described:
            return endpoint
    if kind == "thin":
        core = world.oracle.v2_core_events()
        return new_destination(world, url, given, enabled_events=core, described=described)
    return new_endpoint(world, url, given, connect=kind == "connect", described=described)


def _dated(given: list[str]) -> list[list[object]]:
    """Return secrets with the second until which each of them signs (None: for ever), the newest first."""
    return [[secret, None] for secret in given or [new_secret()]]


def new_endpoint(
    world: World,
    url: str,
    given: list[str],
    *,
    connect: bool = False,
    described: str = "",
    **fields: object,
) -> Object:
    """Make a v1 webhook endpoint."""
    defaults: Object = {
        "api_version": world.oracle.version,
        "enabled_events": ["*"],
        "metadata": {},
        "status": "enabled",
    }
    own = {"_connect": connect, "_secrets": _dated(given), "_described": described}
    return world.new(world.platform, "webhook_endpoint", "we", url=url, **defaults | fields, **own)


def new_destination(
    world: World, url: str, given: list[str], *, described: str = "", **fields: object
) -> Object:
    """Create a v2 event destination, to which thin events are sent."""
    defaults: Object = {
        "description": "",
        "enabled_events": ["*"],
        "event_payload": "thin",
        "events_from": ["@self", "@accounts"],
        "name": url,
        "status": "enabled",
        "type": "webhook_endpoint",
    }
    own = {"_secrets": _dated(given), "_described": described}
    hook = {"url": url, "signing_secret": None}
    destination = world.new(
        world.platform,
        "v2.core.event_destination",
        "ed_test",
        webhook_endpoint=hook,
        **defaults | fields,
        **own,
    )
    return world.change(destination, updated=destination["created"])


def roll(world: World, endpoint: Object, new: str | None = None) -> str:
    """Give an endpoint a new secret. The old one signs for a day more. Returns the new one."""
    secret = new or new_secret()
    until = world.now + KEPT_AFTER_ROLL
    old = [[each, until if end is None else end] for each, end in endpoint["_secrets"]]
    world.change(endpoint, _secrets=[[secret, None], *old])
    return secret
