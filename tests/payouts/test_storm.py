"""Many payouts while calls fail and workers are killed: none is sent twice, none is lost, none is stuck."""

import os
import random
import signal
from collections import Counter
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
import stripe as sdk
from django.db import connection

from billing.payouts import notices, runs, tasks
from billing.payouts.models import Payout
from billing.stripe.calls import transfers
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests.concurrency.processes import at_once
from tests.payouts.made import due_now, make_owed, make_payouts
from tests.stripe.test_processes import ended, processes
from tests.stripe_emulator.control import Control

POST = "POST /v1/transfers"
FAULTS = ("drop_before", "drop_after", "error_before", "error_after", "rate_limit", "conflict")
PEOPLE, ROUNDS = 50, 40


def make_people(emulator: Control, count: int) -> list[User]:
    """Make people who are owed something, with accounts in the emulator, and money on our balance."""
    client = emulator.client()
    emulator.fund(count * 10_000)
    return [make_owed(1_000 + n, account=emulator.recipient(client)) for n in range(count)]


def unpaid() -> int:
    with planes.as_system():
        return Payout.objects.exclude(state="paid").count()


def check_each_was_sent_once(users: list[User]) -> None:
    """Compare Stripe's transfers with the payouts, and let the invariants check the books."""
    with planes.as_system():
        made = {str(one.pk): one for one in Payout.objects.all()}
    found = [
        one for run in {one.run_id for one in made.values()} for one in transfers.of_group(str(run))
    ]
    sent = Counter(one.metadata["payout"] for one in found)
    assert sent == dict.fromkeys(made, 1)
    assert {one.id: one.amount_minor for one in found} == {
        one.transfer: one.amount_minor for one in made.values()
    }
    assert {one.person_id for one in made.values()} == {user.pk for user in users}
    broken = [one for one in invariants.verify(["M2", "M3", "M4"]) if not one.holds]
    assert broken == []


def plan_faults(emulator: Control, seed: int) -> None:
    for number, fault in enumerate(FAULTS):
        emulator.fault(POST, fault, count=None, probability=0.12, seed=seed + number)


def naive(emulator: Control, destination: str) -> None:
    """Send until an answer comes, with a key of its own for each call, as the SDK does by itself."""
    client = emulator.client()
    for _ in range(100):
        with suppress(sdk.StripeError):
            client.v1.transfers.create(
                {
                    "destination": destination,
                    "amount": 1_000,
                    "currency": "usd",
                    "transfer_group": "naive",
                },
                {"idempotency_key": str(uuid4())},
            )
            return


@pytest.mark.slow
def test_fifty_payouts_with_faults_at_random(emulator: Control, db: None) -> None:
    dice = random.Random(7)
    users = make_people(emulator, PEOPLE)
    make_payouts()
    plan_faults(emulator, seed=100)
    for _ in range(ROUNDS):
        tasks.send()
        if not unpaid():
            break
        hours = dice.choice((0, 0, 25))
        if hours:  # Stripe forgets its keys, and our attempts are old
            emulator.advance(hours * 3600)
        due_now(hours=hours, minutes=11)
    assert unpaid() == 0, "none is stuck"
    for _ in range(PEOPLE):
        naive(emulator, transfers_destination())
    doubled = sum(1 for _ in transfers.of_group("naive"))
    assert doubled > PEOPLE, "the faults would have doubled payouts"
    check_each_was_sent_once(users)


def transfers_destination() -> str:
    with planes.as_system():
        return str(Payout.objects.earliest("id").destination)


POINTS = ("before the call", "after the call", "before the commit")


def killed_at(point: str) -> None:
    """Send payouts in this process, which kills itself at the point."""
    create, tell = transfers.create, notices.tell_paid

    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def called(**given: Any) -> Any:
        if point == "before the call":
            die()
        made = create(**given)
        if point == "after the call":
            die()
        return made

    transfers.create = called
    notices.tell_paid = die if point == "before the commit" else tell
    tasks.send()


@pytest.mark.slow
@pytest.mark.concurrency
def test_workers_that_are_killed_at_each_point(own_database: str, emulator: Control) -> None:
    users = make_people(emulator, 6)
    make_payouts()
    for point in POINTS:
        with processes(1, lambda _, at=point: killed_at(at)) as started:
            started[0].join(60)
        assert started[0].exitcode == -signal.SIGKILL
        connection.close()
    assert unpaid() == 6
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM billing_payouts_payout WHERE state = 'sending'")
        assert cursor.fetchone() == (len(POINTS),)
    due_now()
    tasks.send()
    assert unpaid() == 0
    check_each_was_sent_once(users)


@pytest.mark.slow
@pytest.mark.concurrency
def test_several_workers_share_the_payouts(own_database: str, emulator: Control) -> None:
    users = make_people(emulator, 30)
    make_payouts()
    with processes(3, lambda _: tasks.send()) as started:
        ended(started)
    assert unpaid() == 0
    check_each_was_sent_once(users)
    assert len(emulator.requests(POST)) == 30, "no two workers had the same payout"


@pytest.mark.slow
@pytest.mark.concurrency
def test_two_runs_and_two_requests_at_once_make_one_payout(
    own_database: str, emulator: Control
) -> None:
    users = make_people(emulator, 20)

    def ask() -> None:
        with planes.at_desk(users[0].pk):
            runs.ask(person_id=users[0].pk)

    at_once(ask, ask, runs.begin_by_command, runs.begin_by_command, lambda: runs.begin_due())
    at_once(*[tasks.make] * 3)
    with planes.as_system():
        made = Counter(Payout.objects.values_list("person_id", flat=True))
    assert made == dict.fromkeys((user.pk for user in users), 1)
    tasks.send()
    check_each_was_sent_once(users)
