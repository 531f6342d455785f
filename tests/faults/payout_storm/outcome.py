"""What became of the payouts: Stripe's transfers against payouts and ledger, and everybody's earnings against both."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any
from unittest import mock

from django.db import connection

from billing.payouts.models import Payout
from billing.reconciliation import differing, mirrors, running
from billing.stripe.calls.transfers import Transfer
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests.faults.payout_storm.earners import Earners
from tests.payouts.at_stripe import transfers_of_run

Payouts = dict[str, Payout]
# All that a person has earned, less what is still owed to them or on its way.
_RECEIVED = """
    SELECT p.person_id, sum(p.amount_minor)::bigint FROM billing_ledger_posting p
    JOIN billing_ledger_journal j ON j.id = p.journal_id
    WHERE p.person_id IS NOT NULL AND j.kind = 'transfer' GROUP BY p.person_id
"""


@dataclass
class Outcome:
    """Numbers of payouts, differences in minor units, and what the site's own checks found."""

    payouts: int
    paid_once: int
    paid_twice: int
    lost: int
    stuck: int
    difference_minor: int
    differences: int
    broken: list[str]

    @property
    def is_right(self) -> bool:
        """Whether every payout was paid once, and nothing differs."""
        wrong = (getattr(self, each.name) for each in fields(self)[2:])
        return self.paid_once == self.payouts and not any(wrong)


def outcome(earners: Earners) -> Outcome:
    """Compare what Stripe has with what the site has."""
    with planes.as_system():
        made = {str(one.pk): one for one in Payout.objects.all()}
    found: dict[str, list[Transfer]] = defaultdict(list)
    for run in {one.run_id for one in made.values()}:
        for transfer in transfers_of_run(run):
            found[transfer.metadata["payout"]].append(transfer)
    return Outcome(
        payouts=len(made),
        paid_once=sum(_is_paid_once(one, found[key]) for key, one in made.items()),
        paid_twice=sum(len(each) > 1 for each in found.values()),
        lost=sum(_is_lost(one, found[key]) for key, one in made.items()),
        stuck=sum(one.state in ("ready", "sending") for one in made.values()),
        difference_minor=_difference(earners, made, found),
        differences=_differences(),
        broken=[str(one) for one in invariants.verify() if not one.holds],
    )


def _is_paid_once(payout: Payout, found: list[Transfer]) -> bool:
    wanted = [(payout.transfer, payout.destination, payout.amount_minor)]
    is_sent = [(one.id, one.destination, one.amount_minor) for one in found] == wanted
    return payout.state == "paid" and is_sent


def _is_lost(payout: Payout, found: list[Transfer]) -> bool:
    """Whether the site holds a payout for ended that did not arrive, or for failed although it arrived."""
    return payout.state == "failed" or (payout.state == "paid" and not found)


def _difference(earners: Earners, made: Payouts, found: dict[str, list[Transfer]]) -> int:
    """Sum what each person got too much or too little: at Stripe, in the ledger, and by the payouts."""
    at_stripe: Counter[Any] = Counter()
    for transfer in (one for each in found.values() for one in each):
        at_stripe[earners.users[transfer.destination].pk] += transfer.amount_minor
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVED)
        booked = {person: -amount for person, amount in cursor.fetchall()}
    by_payouts: Counter[Any] = Counter()
    for payout in made.values():
        by_payouts[payout.person_id] += payout.amount_minor
    people = [user.pk for user in earners.users.values()]
    return sum(
        abs(at_stripe[one] - booked.get(one, 0)) + abs(at_stripe[one] - by_payouts[one])
        for one in people
    )


def _differences() -> int:
    """Reconcile in full, as `manage.py reconcile --full` does. Returns how many differences are open."""
    with _nothing_waits():
        run = running.reconcile(is_full=True)
    assert run and not run.error, run and run.error
    return int(run.differences or 0)


@contextmanager
def _nothing_waits() -> Iterator[None]:
    """Let reconciliation list what differs at once, and not only after half an hour."""
    passed = timedelta(seconds=-5)
    with (
        mock.patch.object(differing, "SETTLED", passed),
        mock.patch.object(mirrors, "SETTLED", passed),
    ):
        yield
