"""What happens by itself when its time comes on the emulator's clock: settlements, payouts, expiries."""

from collections.abc import Callable
from typing import Any

import orjson

from tests.stripe_emulator.world import World

JOBS: dict[str, Callable[..., None]] = {}


def job(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as the job of a name, which `World.later` takes."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        JOBS[name] = function
        return function

    return register


def run_due(world: World, until: int | None = None) -> list[str]:
    """Run every job that is due, each at its own second and in a transaction of its own.

    Returns: what went wrong in jobs; a job that failed is not tried again.
    """
    now, faults = world.now if until is None else until, []
    while row := _next(world, now):
        arguments: dict[str, Any] = orjson.loads(row["arguments"])
        try:
            with world.clock.at(row["due"]), world.store.transaction():
                JOBS[row["name"]](world, **arguments)
                _remove(world, row["id"])
        except Exception as error:
            _remove(world, row["id"])
            faults.append(f"job {row['name']}({arguments}): {error!r}")
    return faults


def _next(world: World, now: int) -> Any:
    statement = "SELECT * FROM jobs WHERE due <= ? ORDER BY due, id LIMIT 1"
    return world.store.database.execute(statement, (now,)).fetchone()


def _remove(world: World, identifier: int) -> None:
    world.store.database.execute("DELETE FROM jobs WHERE id = ?", (identifier,))
