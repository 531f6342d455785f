"""What operations, jobs and pages work on: the store, the clock and the events, as one thing."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from tests.stripe_emulator import events
from tests.stripe_emulator.clock import Clock, iso
from tests.stripe_emulator.errors import missing
from tests.stripe_emulator.schema.oracle import Oracle
from tests.stripe_emulator.store import Object, Store, new_id

PLATFORM = "acct_1Platform0Hub0000"


@dataclass(frozen=True)
class Cause:
    """The request that makes a change; events name it. Jobs have none."""

    request: str
    idempotency_key: str | None


class World:
    """All accounts, and what time it is for them. `address` is where the emulator is reached: http://127.0.0.1:PORT."""

    platform = PLATFORM

    def __init__(self, store: Store, oracle: Oracle, address: str) -> None:
        self.store, self.oracle, self.address = store, oracle, address
        self.dice = Random(0)
        self.clock = Clock(store.setting("ahead", 0))
        self.cause: Cause | None = None

    @property
    def now(self) -> int:
        """The present second."""
        return self.clock.now()

    def new(self, account: str, kind: str, prefix: str, /, **fields: Any) -> Object:
        """Make and store an object. Fields that are not given are null, as in Stripe's answers."""
        blank = self.oracle.blank(kind) if not kind.startswith("_") else {}
        created = iso(self.now) if kind.startswith("v2.") else self.now
        body = {
            **blank,
            "id": new_id(prefix),
            "object": kind,
            "created": created,
            "livemode": False,
            **fields,
        }
        return self.store.add(account, body, self.now)

    def find(self, account: str, kind: str, identifier: str, param: str = "id") -> Object:
        """Return the object of an account. Raises: Refusal (404) if it has none with this id."""
        body = self.store.get(identifier)
        if body is None or body["object"] != kind or self.store.owner(identifier) != account:
            raise missing(kind, identifier, param)
        return body

    def change(self, body: Object, event: str | None = None, **fields: Any) -> Object:
        """Change fields of an object and emit an event that says what they were before."""
        before = {name: body.get(name) for name in fields if body.get(name) != fields[name]}
        body.update(fields)
        self.store.save(body)
        if event:
            public = {name: value for name, value in before.items() if not name.startswith("_")}
            self.emit(event, body, previous=public)
        return body

    def emit(
        self, kind: str, body: Object, *, account: str | None = None, previous: Object | None = None
    ) -> None:
        """Emit a v1 event about an object, in the name of the account that owns it."""
        owner = account or self.store.owner(body["id"]) or PLATFORM
        events.emit(self, owner, kind, body, previous)

    def later(self, seconds: int, job: str, **arguments: Any) -> None:
        """Run a job (by its name in `jobs.py`) so many seconds from now, on this clock."""
        self.store.database.execute(
            "INSERT INTO jobs (due, name, arguments) VALUES (?, ?, ?)",
            (self.now + seconds, job, orjson.dumps(arguments).decode()),
        )


@dataclass
class Call:
    """One request to an operation: for whom, with what."""

    world: World
    account: str
    parameters: dict[str, Any]
    path: dict[str, str]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a parameter, or a default."""
        return self.parameters.get(name, default)

    def given(self, *names: str) -> dict[str, Any]:
        """Return those of the named parameters that the request has."""
        return {name: self.parameters[name] for name in names if name in self.parameters}


Handler = Callable[[Call], Object]
