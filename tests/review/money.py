"""What the tests of rejections read of money, slots and states."""

import uuid
from collections import Counter

from billing.ledger.models import Account
from projects.work.models import Annotation, Slot
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.people import Annotator

COST = 30


def balances(tenant: Tenant) -> dict[str, int]:
    with planes.in_workspace(tenant.pk):
        found = Account.objects.exclude(balance_minor=0)
        return dict(found.values_list("kind", "balance_minor"))


def earned(annotator: Annotator) -> int:
    with planes.at_desk(annotator.user.pk):
        return sum(Account.objects.values_list("balance_minor", flat=True))


def state_of(answer: uuid.UUID, tenant: Tenant) -> str:
    with planes.in_workspace(tenant.pk):
        return str(Annotation.objects.get(pk=answer).state)


def slots(tenant: Tenant) -> dict[str, int]:
    with planes.in_workspace(tenant.pk):
        return dict(Counter(Slot.objects.values_list("state", flat=True)))


def all_hold() -> None:
    broken = [found for found in invariants.verify() if not found.holds]
    assert not broken, broken
