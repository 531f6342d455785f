"""What tests and the demo may do to the emulator: /_emulator/…, JSON in and out. `control.py` is its client."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import TYPE_CHECKING, Any

import orjson

from tests.stripe_emulator import endpoints, money, queue, recipients
from tests.stripe_emulator.errors import Refusal, missing
from tests.stripe_emulator.faults import Plan
from tests.stripe_emulator.payments import confirm
from tests.stripe_emulator.resources import checkout, disputes, payouts, refunds
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.totals import totals
from tests.stripe_emulator.wire import Answer, Request, json_answer

if TYPE_CHECKING:
    from tests.stripe_emulator.emulator import Emulator

Given = dict[str, Any]


class ControlCalls:
    """The calls by "METHOD path"."""

    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator
        self._world = emulator.world
        self._calls: dict[str, Callable[[Given], Awaitable[Any]]] = {
            "GET clock": self._clock,
            "POST clock": self._clock,
            "POST reset": self._reset,
            "GET faults": self._faults,
            "POST faults": self._faults,
            "GET faults/applied": self._applied,
            "POST own_faults": self._own_faults,
            "GET requests": self._requests,
            "GET totals": self._totals,
            "GET webhooks": self._waiting,
            "POST webhooks": self._treat_webhooks,
            "POST webhooks/deliver": self._deliver,
            "POST webhooks/register": self._register,
            "POST webhooks/roll": self._roll,
            "POST accounts": self._account,
            "POST fund": self._fund,
            "POST checkout": self._pay_checkout,
            "POST disputes": self._dispute,
            "POST refunds/fail": self._fail_refund,
            "POST payouts/fail": self._fail_payout,
        }

    async def answer(self, request: Request) -> Answer:
        """Answer a call."""
        name = f"{request.method} {request.path.removeprefix('/_emulator/')}"
        if name not in self._calls:
            return json_answer(
                {"error": f"no call {name}; there are {', '.join(self._calls)}"}, 404
            )
        given = orjson.loads(request.body) if request.body else {}
        try:
            return json_answer(await self._calls[name](given))
        except (Refusal, ValueError, TypeError, KeyError) as error:
            return json_answer({"error": f"{type(error).__name__}: {error}"}, 400)

    async def _clock(self, given: Given) -> Given:
        """Move the clock forward by `advance` seconds.

        Webhooks that are due are delivered before; jobs that become due run, each at its own second, and then what
        webhooks are due by then are delivered too.
        """
        advance = given.get("advance", 0)
        if advance < 0:
            raise ValueError("the clock goes forward only")
        if advance:
            await self._emulator.courier.deliver_due()
            with self._world.store.transaction():
                self._world.clock.ahead += advance
                self._world.store.set("ahead", self._world.clock.ahead)
            self._emulator.catch_up()
            await self._emulator.courier.deliver_due()
        return {"now": self._world.now, "ahead": self._world.clock.ahead}

    async def _reset(self, given: Given) -> Given:
        async with self._emulator.courier.idle:
            self._emulator.reset()
        return {}

    async def _faults(self, given: Given) -> list[Given]:
        """Plan a fault (see `faults.py`), or end all with `clear`."""
        plans = self._emulator.api.faults.plans
        if given.pop("clear", False):
            plans.clear()
        if given:
            plans.append(Plan(**given))
        return [
            {"operation": each.operation, "fault": each.fault, "count": each.count}
            for each in plans
        ]

    async def _applied(self, given: Given) -> dict[str, int]:
        """Count the requests to which a planned fault was applied, by the fault."""
        statement = (
            "SELECT fault, count(*) AS count FROM requests WHERE fault IS NOT NULL GROUP BY fault"
        )
        return {row["fault"]: row["count"] for row in self._world.store.rows(statement)}

    async def _own_faults(self, given: Given) -> list[str]:
        """Return the emulator's own faults, and forget them."""
        found = list(self._emulator.api.own_faults)
        self._emulator.api.own_faults.clear()
        return found

    async def _requests(self, given: Given) -> list[Given]:
        return [dict(row) for row in self._world.store.rows("SELECT * FROM requests ORDER BY seq")]

    async def _totals(self, given: Given) -> Given:
        return totals(self._world)

    async def _waiting(self, given: Given) -> list[Given]:
        names = ("id", "event", "type", "endpoint", "due", "attempts", "state", "status")
        return [{name: row[name] for name in names} for row in queue.waiting(self._world)]

    async def _treat_webhooks(self, given: Given) -> Given:
        """Hold, delay, duplicate or drop events from now on (see `queue.PLAIN`)."""
        if unknown := given.keys() - queue.PLAIN.keys():
            raise ValueError(f"unknown: {', '.join(unknown)}")
        treatment = queue.PLAIN | given
        self._world.dice = Random(treatment["seed"])
        self._world.store.set("webhooks", treatment)
        return treatment

    async def _deliver(self, given: Given) -> list[Given]:
        """Deliver waiting events now: those of `types` or `events` or all, in `order`, in so many `copies` or not."""
        if given.get("order", "created") not in ("created", "reversed", "shuffled"):
            raise ValueError("order is created, reversed or shuffled")
        if given.get("drop"):
            for row in self._selected(given):
                self._world.store.rows(
                    "UPDATE deliveries SET state = 'dropped' WHERE id = ?", row["id"]
                )
            return []
        copies = given.get("copies", 1)
        return await self._emulator.courier.deliver(lambda: self._selected(given), copies=copies)

    def _selected(self, given: Given) -> list[Any]:
        """Return the waiting deliveries that a call means, in the order that it wants."""
        waiting = queue.waiting(self._world)
        for name, column in (("types", "type"), ("events", "event")):
            if name in given:
                waiting = [row for row in waiting if row[column] in given[name]]
        if given.get("order") == "reversed":
            waiting.reverse()
        elif given.get("order") == "shuffled":
            self._world.dice.shuffle(waiting)
        return waiting

    async def _register(self, given: Given) -> Given:
        """Make an endpoint as the command line does. Returns its id and secret."""
        with self._world.store.transaction():
            endpoint = endpoints.register(self._world, given["endpoint"])
        return {"id": endpoint["id"], "secret": endpoint["_secrets"][0][0]}

    async def _roll(self, given: Given) -> Given:
        """Roll the secret of an endpoint: for a day, both sign."""
        with self._world.store.transaction():
            return {"secret": endpoints.roll(self._world, self._found(given["endpoint"]))}

    async def _account(self, given: Given) -> Given:
        """Say what is known of a connected account: `identity`, `bank`; or force `stripe_transfers`, `requirement`."""
        with self._world.store.transaction():
            account = self._found(given["account"])
            if "identity" in given:
                recipients.set_identity(self._world, account, given["identity"])
            if "bank" in given:
                recipients.set_bank(self._world, account, given["bank"])
            if "stripe_transfers" in given or "requirement" in given:
                recipients.force(
                    self._world, account, given.get("stripe_transfers"), given.get("requirement")
                )
        return {
            "stripe_transfers": recipients.capability(account),
            "payouts": recipients.capability(account, "payouts"),
        }

    async def _fund(self, given: Given) -> Given:
        """Put available money into the platform's balance, out of nowhere."""
        with self._world.store.transaction():
            topup = money.record(
                self._world, self._world.platform, "topup", given["amount"], given.get("currency", "usd"),
                given.get("source", "tu_emulator"), category="topup",
            )  # fmt: skip
        return {"id": topup["id"]}

    async def _pay_checkout(self, given: Given) -> Given:
        """Pay a session with a test method, as its page does."""
        with self._world.store.transaction():
            session = self._found(given["session"])
            intent = confirm(
                self._world,
                checkout.intent_of(self._world, session),
                given.get("method", "pm_card_visa"),
            )
        return {"payment_intent": intent["id"], "status": intent["status"]}

    async def _dispute(self, given: Given) -> Given:
        """Dispute a `charge`, or decide a `dispute` as won or lost."""
        with self._world.store.transaction():
            if "dispute" in given:
                disputes.decide(self._world, given["dispute"], given["status"])
                return {"id": given["dispute"]}
            return {"id": disputes.open_dispute(self._world, **given)}

    async def _fail_refund(self, given: Given) -> Given:
        """Fail a `refund`, also one that had succeeded."""
        with self._world.store.transaction():
            refunds.fail(self._world, **given)
        return {}

    async def _fail_payout(self, given: Given) -> Given:
        """Fail a `payout` with a `code`."""
        with self._world.store.transaction():
            payouts.fail(self._world, **given)
        return {}

    def _found(self, identifier: str) -> Object:
        found = self._world.store.get(identifier)
        if found is None:
            raise missing("object", identifier)
        return found
