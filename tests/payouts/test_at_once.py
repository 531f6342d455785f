"""Several workers, runs and requests at once make and send each payout once."""

from collections import Counter

import pytest

from billing.payouts import runs, tasks
from billing.payouts.models import Payout
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests.concurrency.processes import at_once
from tests.payouts.at_stripe import transfers_of_run
from tests.payouts.made import make_owed, make_payouts
from tests.stripe.test_processes import ended, processes
from tests.stripe_emulator.control import Control

POST = "POST /v1/transfers"


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
    found = [one for run in {one.run_id for one in made.values()} for one in transfers_of_run(run)]
    sent = Counter(one.metadata["payout"] for one in found)
    assert sent == dict.fromkeys(made, 1)
    assert {one.id: one.amount_minor for one in found} == {
        one.transfer: one.amount_minor for one in made.values()
    }
    assert {one.person_id for one in made.values()} == {user.pk for user in users}
    broken = [one for one in invariants.verify(["M2", "M3", "M4"]) if not one.holds]
    assert broken == []


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
