"""Random histories of an annotator: work, decisions, bonuses and payouts, in two workspaces."""

import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from unittest.mock import patch

from django.test import override_settings

from billing.accruals import clearing
from billing.deposits.amounts import MOST_MINOR
from billing.payouts import making, outcomes
from billing.payouts.models import Payout
from billing.stripe.errors import Refused
from projects.plan import prices
from projects.plan.models import Project
from projects.review.services import accepting
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.accruals.test_clearing import let_days_pass
from tests.bonuses.test_bonuses import give
from tests.deposits.made import make_paid
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.payouts.made import (
    claimed,
    make_bank_payout,
    make_payouts,
    make_reversal,
    payouts_of,
    transfer_for,
)
from tests.people import Annotator
from tests.recipients.made import make_payable
from tests.rejections import rejected
from tests.review.own import answer_of, send_back

STEPS = ("answer", "answer", "accept", "accept", "reject", "send_back", "bonus", "price")
STEPS += ("payout", "sent", "sent", "refused", "take_back", "bank", "clear")


@dataclass
class History:
    """One annotator at work in an old customer's project and in one of a customer who has just begun to pay by card."""

    random: random.Random
    user: User = field(default_factory=people.make_user)
    undecided: list[tuple[uuid.UUID, Tenant]] = field(default_factory=list)
    jobs: list[tuple[Tenant, Annotator]] = field(default_factory=list)
    taken_back: Counter[uuid.UUID] = field(default_factory=Counter)
    bank_payouts: int = 0

    def __post_init__(self) -> None:
        make_payable(self.user)
        for is_young in (False, True):
            tenant = make_workspace()
            if is_young:
                make_paid(tenant)
            project = make_project(tenant, overlap=1)
            make_batch(project, 40)
            self.jobs.append((tenant, people.make_annotator(project, user=self.user)))

    def run(self, steps: int) -> None:
        """Do so many random things, and deliver what each leads to."""
        for _ in range(steps):
            getattr(self, self.random.choice(STEPS))()
            dispatch.drain()

    def answer(self) -> None:
        tenant, annotator = self.random.choice(self.jobs)
        self.undecided.append((answer_of(annotator), tenant))

    def accept(self) -> None:
        if taken := self._taken():
            answer, tenant = taken
            with planes.in_workspace(tenant.pk):
                accepting.accept(annotation_ids=[answer], reviewer_id=tenant.owner.pk)

    def reject(self) -> None:
        if taken := self._taken():
            rejected(*taken)

    def send_back(self) -> None:
        if self.undecided and self.random.random() < 0.3:
            send_back(*self._taken())  # type: ignore[misc]

    def bonus(self) -> None:
        give(self.random.choice(self.jobs)[1], self.random.randint(1, 900))

    def price(self) -> None:
        tenant, annotator = self.random.choice(self.jobs)
        with planes.in_workspace(tenant.pk):
            project = Project.objects.get(pk=annotator.enrollment.project_id)
            price = project.price_minor + 1
            prices.set_price(project=project, price_minor=price, because="", actor_id=None)

    def clear(self) -> None:
        if self.random.random() < 0.3:
            let_days_pass(8)
        list(clearing.clear())

    @override_settings(PAYOUT_LEAST={})
    def payout(self) -> None:
        """Make a payout: of all that is owed, or of no more than what Stripe takes at once."""
        most = self.random.choice([MOST_MINOR, 200])
        with patch.object(making, "MOST_MINOR", most):
            make_payouts()

    def sent(self) -> None:
        for payout in self._open():
            outcomes.paid(claimed(payout).pk, transfer_for(payout))

    def refused(self) -> None:
        for payout in self._open():
            outcomes.refused(claimed(payout).pk, 1, Refused("closed", "No."))

    def bank(self) -> None:
        self.bank_payouts += 1
        make_bank_payout(self.user, f"po_{self.user.pk.hex}{self.bank_payouts}")

    def take_back(self) -> None:
        """Reverse a payout, or a part of one."""
        paid = [one for one in payouts_of(self.user) if one.state == "paid"]
        if paid:
            payout = self.random.choice(paid)
            left = payout.amount_minor - self.taken_back[payout.pk]
            if left:
                amount = self.random.choice([left, self.random.randint(1, left)])
                make_reversal(payout, amount)
                self.taken_back[payout.pk] += amount

    def _open(self) -> list[Payout]:
        return [one for one in payouts_of(self.user) if one.state == "ready"]

    def _taken(self) -> tuple[uuid.UUID, Tenant] | None:
        if not self.undecided:
            return None
        return self.undecided.pop(self.random.randrange(len(self.undecided)))
