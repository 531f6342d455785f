"""A batch's reserve pays for more answers to chosen items, and comes back at the close (M3, W1)."""

from collections import Counter

import pytest
from django.db import DatabaseError, transaction

from billing.funding import reserve
from billing.funding import services as funding
from billing.funding.models import Funding
from billing.funding.tasks import release_unused
from billing.ledger.models import Account
from projects.items import services as batches
from projects.items.models import Batch, Item
from projects.items.services import Plan
from projects.plan.models import Project
from projects.work.models import Slot
from rlhfhub import invariants
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.factories import MONEY, Tenant, make_batch, make_project, make_workspace
from tests.pages.conftest import browser_of
from tests.people import Annotator

COST = 30  # 25 to the annotator, 20 % of it to the platform
PLAN = Plan(overlap=2, share_percent=0, reserve_percent=25)


def balances(tenant: Tenant) -> dict[str, int]:
    with planes.in_workspace(tenant.pk):
        return dict(Account.objects.values_list("kind", "balance_minor"))


def ids_of(batch: Batch) -> list:  # type: ignore[type-arg]
    with planes.in_workspace(batch.workspace_id):
        return list(Item.objects.filter(batch=batch).order_by("seq").values_list("pk", flat=True))


def ask(batch: Batch, items, answers: int = 1) -> Funding:  # type: ignore[no-untyped-def]
    with planes.in_workspace(batch.workspace_id):
        return reserve.ask_for_more(batch=batch, item_ids=items, answers=answers, actor_id=None)


def close(batch: Batch) -> None:
    with planes.in_workspace(batch.workspace_id):
        batches.close_batch(batch=batch, actor_id=None)
    release_unused()


@pytest.fixture
def reserved(project: Project) -> Batch:
    """Nine items with two slots each, and a reserve of five more (25 % of 18, rounded up)."""
    return make_batch(project, 9, plan=PLAN)


def test_funding_sets_the_reserve_aside(workspace_a: Tenant, reserved: Batch) -> None:
    assert balances(workspace_a) == {
        "workspace_available": MONEY - 23 * COST,
        "batch_budget": 18 * COST,
        "batch_reserve": 5 * COST,
    }


def test_more_answers_are_slots_of_the_reserve(workspace_a: Tenant, reserved: Batch) -> None:
    first, second, *_ = ids_of(reserved)
    run = ask(reserved, [first, second], answers=2)
    assert (run.state, run.slots, run.slots_paid) == ("done", 4, 4)
    with planes.in_workspace(workspace_a.pk):
        counts = Counter(Slot.objects.values_list("item_id", flat=True))
        reserved.refresh_from_db()
    assert (counts[first], counts[second], reserved.slots_count) == (4, 4, 22)
    assert balances(workspace_a)["batch_reserve"] == COST
    assert balances(workspace_a)["batch_budget"] == 22 * COST
    assert [found for found in invariants.verify() if not found.holds] == []


def test_those_who_answered_do_not_get_the_item_again(
    workspace_a: Tenant, reserved: Batch, annotators: list[Annotator]
) -> None:
    item, *_ = ids_of(reserved)
    for annotator in annotators[:2]:
        while lease := annotator.lease():
            annotator.submit(lease)
    ask(reserved, [item])
    assert annotators[0].lease() is None
    assert annotators[1].lease() is None
    assert annotators[2].lease() is not None


def test_the_reserve_pays_for_no_more_than_it_holds(workspace_a: Tenant, reserved: Batch) -> None:
    before = balances(workspace_a)
    with pytest.raises(Refused, match="still pays for 5"):
        ask(reserved, ids_of(reserved)[:3], answers=2)
    assert balances(workspace_a) == before
    ask(reserved, ids_of(reserved)[:5])
    with pytest.raises(Refused, match="still pays for 0"):
        ask(reserved, ids_of(reserved)[:1])


def test_unpaid_projects_have_a_reserve_of_slots_too(database: None) -> None:
    tenant = make_workspace("Home", money=0)
    batch = make_batch(make_project(tenant, access="members"), 4, plan=PLAN)
    ask(batch, ids_of(batch)[:2])
    with pytest.raises(Refused, match="still pays for 0"):
        ask(batch, ids_of(batch)[:1])


@pytest.mark.parametrize("used", [0, 3])
def test_what_is_left_comes_back_at_the_close(
    workspace_a: Tenant, reserved: Batch, used: int
) -> None:
    if used:
        ask(reserved, ids_of(reserved)[:used])
    close(reserved)
    assert balances(workspace_a) == {
        "workspace_available": MONEY,
        "batch_budget": 0,
        "batch_reserve": 0,
    }
    with pytest.raises(Refused, match="the batch is closed"):
        ask(reserved, ids_of(reserved)[:1])
    assert [found for found in invariants.verify() if not found.holds] == []


def test_the_sweep_gives_back_a_reserve_that_the_event_forgot(
    workspace_a: Tenant, reserved: Batch, annotators: list[Annotator]
) -> None:
    """Every slot is filled, so nothing but the reserve is left to give back."""
    for annotator in annotators:
        while lease := annotator.lease():
            annotator.submit(lease)
    close(reserved)
    assert balances(workspace_a)["batch_reserve"] == 0


def test_foreign_items_and_wrong_numbers_are_refused(
    workspace_a: Tenant, project: Project, reserved: Batch
) -> None:
    other = make_batch(project, 2, first=500)
    with pytest.raises(Refused, match="not items of this batch"):
        ask(reserved, ids_of(other)[:1])
    for answers in (0, 11):
        with pytest.raises(Refused, match="answers: This must be a whole number from 1 to 10"):
            ask(reserved, ids_of(reserved)[:1], answers=answers)
    with pytest.raises(Refused, match="items: Name 1 to 1000 items"):
        ask(reserved, [])


def test_no_item_gets_more_than_fifty_answers(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(project, 2, plan=Plan(48, share_percent=0, reserve_percent=10))
    first, second = ids_of(batch)
    ask(batch, [first], answers=2)
    with pytest.raises(Refused, match="at most 50 answers, and 1 of these items would get more"):
        ask(batch, [first, second], answers=2)
    assert ask(batch, [second], answers=2).slots == 2
    monkeypatch.setattr(reserve, "MAX_OVERLAP", 60)
    with pytest.raises(DatabaseError, match="slot_overlap"), transaction.atomic():
        ask(batch, [first])


def test_the_plan_keeps_its_reserve_once_funded(reserved: Batch) -> None:
    with pytest.raises(DatabaseError), planes.in_workspace(reserved.workspace_id):
        Batch.objects.filter(pk=reserved.pk).update(reserve_percent=90)


def test_the_database_refuses_a_run_beyond_the_reserve(reserved: Batch) -> None:
    """Also where nothing is paid: the trigger counts slots and not money."""
    with planes.in_workspace(reserved.workspace_id):
        run = Funding.objects.get(batch=reserved)
        run.pk, run.purpose, run.state = Funding().pk, "reserve", "running"
        run.slots = run.reserve_slots = 0
        run.items, run.overlap, run.slots_paid = 3, 2, 6
        with pytest.raises(DatabaseError, match="reserve of the batch"), transaction.atomic():
            run.save(force_insert=True)


def test_rest_shows_and_uses_the_reserve(workspace_a: Tenant, reserved: Batch) -> None:
    url = f"/api/v1/batches/{reserved.pk}/"
    quote = workspace_a.client.get(url + "fund/").json()
    assert (quote["reserve_slots"], quote["reserve_left"]) == (5, 5)
    items = [str(item) for item in ids_of(reserved)[:2]]
    answer = workspace_a.client.post(url + "more-answers/", {"items": items}, format="json")
    assert (answer.status_code, answer.json()["reserve_left"]) == (201, 3)
    answer = workspace_a.client.post(
        url + "more-answers/", {"items": items, "answers": 2}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "reserve_too_small")


def test_the_quote_counts_the_reserve(workspace_a: Tenant, project: Project) -> None:
    batch = make_batch(project, 9, plan=PLAN, fund=False)
    quote = workspace_a.client.get(f"/api/v1/batches/{batch.pk}/fund/").json()
    assert (quote["slots"], quote["reserve_slots"], quote["cost_minor"]) == (18, 5, 23 * COST)
    with planes.in_workspace(workspace_a.pk):
        run = funding.start(batch=batch, actor_id=None)
    assert (run.slots_paid, run.reserve_slots) == (18, 5)


def test_the_page_of_an_item_says_what_is_awaited(workspace_a: Tenant, reserved: Batch) -> None:
    item, *_ = ids_of(reserved)
    browser = browser_of(workspace_a.owner)
    address = f"/w/{workspace_a.workspace.slug}/items/{item}/"
    assert "2 more awaited" in browser.get(address).content.decode()
    asked = browser.post(f"{address}more-answers/", {"answers": "3"}, follow=True)
    page = asked.content.decode()
    assert "3 more answers are asked for." in page
    assert "5 more awaited" in page
    close(reserved)
    assert "awaited" not in browser.get(address).content.decode()
