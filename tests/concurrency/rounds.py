"""Rounds of a race: a process is ahead of the other, and then both come at once."""

import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from projects.review.tasks import accept_due, end_due
from rlhfhub.events import dispatch
from rlhfhub.events.models import Delivery
from rlhfhub.tenancy import planes
from tests.concurrency.acts import let_pass
from tests.concurrency.conftest import Race
from tests.concurrency.processes import at_once
from tests.concurrency.test_rejection_races import kinds

# Who is ahead in a round: the first of two, the second, nobody.
ORDERS = (0, 1, None, None)
CLOCK, PERSON = 0, 1
SOON = 1.0
# Who is ahead, and how many seconds before the end of the time the person acts.
MOMENTS = ((PERSON, SOON), (CLOCK, 0), (None, 0.1), (None, 0.03), (None, 0))


def against_the_clock(
    race: Race, answers: list[uuid.UUID], what: str, clock: Callable[[], int], act: Any
) -> Iterator[tuple[uuid.UUID, Any]]:
    """Let a person and the clock act on each answer when the time for it ends. Yields the answer and the reply."""
    for (order, before), answer in zip(MOMENTS, answers, strict=True):
        over = let_pass(race, answer, what, -1 if order == CLOCK else SOON)
        _, reply = at_once(
            partial(at, over, partial(by_clock, clock)),
            partial(at, over - before, partial(act, answer)),
            leader=order,
            held=2 * SOON,
        )
        end_due()  # whoever was refused may have held the row
        accept_due()
        yield answer, reply


def at(moment: float, act: Callable[[], Any]) -> Any:
    """Act at this moment."""
    time.sleep(max(0.0, moment - time.time()))
    return act()


def by_clock(step: Callable[[], int]) -> int:
    """Take one step of a scheduled task, in a transaction of its own."""
    with planes.as_system():
        return step()


def settle(race: Race) -> dict[str, int]:
    """Deliver all events, in two processes. Returns how many journals there are of each kind."""
    at_once(dispatch.drain, dispatch.drain)
    dispatch.drain()
    with planes.as_system():
        assert not Delivery.objects.exists(), "no handler failed"
    return kinds(race)
