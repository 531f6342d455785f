"""Deliver webhooks: sign them as Stripe does, post them, and try again later if an endpoint does not answer 2xx."""

import asyncio
import hashlib
import hmac
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import httpx

from tests.stripe_emulator import queue
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.world import World

SECONDS_TO_ANSWER = 10


def signature(body: bytes, secrets: list[str]) -> str:
    """Return the header Stripe-Signature, with one v1 signature for each secret: two while a secret is rolled.

    The time is the machine's, and not that of the emulator's clock: the SDK compares it with the machine's.
    """
    second = int(time.time())
    signed = b"%d.%s" % (second, body)
    parts = [
        f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets
    ]
    return ",".join([f"t={second}", *parts])


def secrets_of(world: World, endpoint: Object) -> list[str]:
    """Return the secrets with which an endpoint's webhooks are signed now, the newest first."""
    now = world.now
    return [secret for secret, until in endpoint["_secrets"] if until is None or until > now]


def address_of(endpoint: Object) -> str:
    """Return where an endpoint's webhooks go."""
    return str(endpoint["url"] if "url" in endpoint else endpoint["webhook_endpoint"]["url"])


class Courier:
    """Posts what is in the queue."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.idle = asyncio.Lock()
        self._client = httpx.AsyncClient(timeout=SECONDS_TO_ANSWER, trust_env=False)

    async def deliver_due(self) -> None:
        """Deliver all that is due, and wait until it is delivered, whoever began."""
        while await self.deliver(lambda: queue.due(self._world)):
            pass

    async def deliver(
        self, select: Callable[[], list[Any]], *, copies: int = 1
    ) -> list[dict[str, Any]]:
        """Post the deliveries that are selected when no others are under way, in order for each endpoint.

        Returns: event, endpoint and status (0: no answer) of each.
        """
        async with self.idle:
            by_endpoint = defaultdict(list)
            for delivery in select():
                by_endpoint[delivery["endpoint"]].append(delivery)
            posting = [self._post_all(each, copies) for each in by_endpoint.values()]
            return [result for results in await asyncio.gather(*posting) for result in results]

    async def _post_all(self, deliveries: list[Any], copies: int) -> list[dict[str, Any]]:
        results = []
        for delivery in deliveries:
            for _ in range(copies):
                status = await self._post(delivery)
                results.append(
                    {"event": delivery["event"], "endpoint": delivery["endpoint"], "status": status}
                )
            with self._world.store.transaction():
                queue.settle(self._world, delivery, status)
        return results

    async def _post(self, delivery: Any) -> int:
        endpoint = self._world.store.get(delivery["endpoint"])
        if endpoint is None:
            return 0
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(delivery["body"], secrets_of(self._world, endpoint)),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            answer = await self._client.post(
                address_of(endpoint), content=delivery["body"], headers=headers
            )
        except httpx.HTTPError:
            return 0
        return answer.status_code

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
