"""Money for batches: twins of every verb, at the same moment, have one effect."""

from functools import partial
from typing import Any

import pytest

from billing.funding import reserve
from billing.funding import services as funding
from billing.ledger.models import Account
from billing.ledger.services import Overdrawn
from projects.items import services as batches
from projects.items.models import Batch, Item
from projects.items.services import Plan
from projects.work.models import Slot
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests import factories
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once

pytestmark = pytest.mark.concurrency


def test_two_deposits_under_one_reference(race: Race, site: None) -> None:
    def deposit() -> bool:
        with planes.entered(Plane.STAFF):
            return funding.deposit(
                workspace_id=race.tenant.pk,
                currency="USD",
                amount_minor=500,
                reference="twin",
                actor_id=race.tenant.owner.pk,
                note="",
            )

    before = _available(race)
    assert sorted(at_once(*[deposit] * 4)) == [False, False, False, True]
    assert _available(race) == before + 500


def _available(race: Race) -> int:
    with planes.in_workspace(race.tenant.pk):
        return Account.objects.get(kind="workspace_available").balance_minor


def test_first_deposits_of_a_workspace_open_one_account(race: Race, site: None) -> None:
    """No request waits for an account that another one is creating."""
    tenant = factories.make_workspace("Fresh", money=0)
    done = at_once(*[partial(factories.make_deposit, tenant.workspace, 100 + n) for n in range(4)])
    assert done == [None] * 4
    with planes.in_workspace(tenant.pk):
        assert Account.objects.get(kind="workspace_available").balance_minor == 406


def test_two_fundings_of_one_batch(race: Race, site: None) -> None:
    batch = race.batch(4, fund=False)
    before = _available(race)
    runs = at_once(*[lambda: race.fund(batch)] * 3)
    assert len({run.pk for run in runs}) == 1
    assert _available(race) == before - 4 * 2 * (25 + 5)


def test_chunks_of_one_run_by_several_workers(
    race: Race, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker and the scheduler continue the same run: every item gets its slots once."""
    monkeypatch.setattr(funding, "SMALL", 0)
    monkeypatch.setattr(funding, "CHUNK_ITEMS", 3)
    batch = race.batch(20, fund=False)
    run = race.fund(batch)

    def work() -> None:
        for _ in range(40):
            funding.continue_chunk(workspace_id=race.tenant.pk, funding_id=run.pk)

    assert at_once(*[work] * 3) == [None] * 3
    with planes.in_workspace(race.tenant.pk):
        run.refresh_from_db()
        assert (run.state, run.items_done, Slot.objects.count()) == ("done", 20, 40)


def test_half_a_funding_run_violates_nothing(
    race: Race, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The money is reserved and some slots exist: the fixture's invariants account for the rest."""
    monkeypatch.setattr(funding, "SMALL", 0)
    monkeypatch.setattr(funding, "CHUNK_ITEMS", 3)
    run = race.fund(race.batch(7, fund=False))
    assert funding.continue_chunk(workspace_id=race.tenant.pk, funding_id=run.pk)
    with planes.in_workspace(race.tenant.pk):
        assert Slot.objects.count() == 6


def test_money_for_one_of_two_batches(race: Race, site: None) -> None:
    """The balance never falls below zero: one is funded, the other refused and nothing of it done."""
    tenant = factories.make_workspace("Poor", money=4 * 3 * (25 + 5) + 10)
    project = factories.make_project(tenant)
    first, second = (factories.make_batch(project, 4, fund=False, first=at) for at in (1, 5))

    def start(batch: Batch) -> Any:
        with planes.in_workspace(tenant.pk):
            return funding.start(batch=batch, actor_id=None).state

    outcomes = at_once(partial(start, first), partial(start, second))
    assert sorted(map(str, outcomes)) == sorted(["done", str(Overdrawn())])
    with planes.in_workspace(tenant.pk):
        assert sorted(Batch.objects.values_list("funding", flat=True)) == ["funded", "none"]
        assert Account.objects.get(kind="workspace_available").balance_minor == 10


def test_releases_of_one_batch_give_the_money_back_once(race: Race, site: None) -> None:
    before = _available(race)
    batch = race.batch(5)
    with planes.in_workspace(race.tenant.pk):
        batches.close_batch(batch=batch, actor_id=None)

    def release() -> int:
        with planes.in_workspace(race.tenant.pk):
            return funding.release_unused(batch_id=batch.pk, limit=3)

    at_once(*[release] * 3)
    while release():
        pass
    assert _available(race) == before


def test_two_who_ask_for_more_answers_do_not_overdraw_the_reserve(race: Race, site: None) -> None:
    batch = race.batch(4, plan=Plan(overlap=2, share_percent=0, reserve_percent=50))
    with planes.in_workspace(race.tenant.pk):
        items = list(Item.objects.filter(batch=batch).values_list("pk", flat=True))

    def ask() -> str:
        with planes.in_workspace(race.tenant.pk):
            return reserve.ask_for_more(
                batch=batch, item_ids=items[:3], answers=1, actor_id=None
            ).state

    done, refused = sorted(at_once(ask, ask), key=lambda outcome: isinstance(outcome, Exception))
    assert done == "done"
    assert isinstance(refused, Refused)
    assert refused.code == "reserve_too_small"
    with planes.in_workspace(race.tenant.pk):
        assert Slot.objects.filter(batch=batch).count() == 11
