"""A project's time and pay per hour are measured from its newest paid answers, and listed for who may join it."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from projects.enrollment import selectors
from projects.plan.models import Project
from projects.quality.pay import measuring
from projects.quality.pay.models import MeasuredPay
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import PRICE, Tenant, import_items, make_batch, make_item, make_project
from tests.pages.conftest import browser_of
from tests.quality.paid import change, kept, work_on, worked
from tests.review.own import page_of

TEN = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0)


def figures(row: MeasuredPay) -> tuple[int, float | None, float, int]:
    return row.answers, row.median_seconds, row.total_seconds, row.pay_minor


def listed(project: Project, person: people.User) -> selectors.ListedProject | None:
    with planes.at_door():
        return selectors.joinable_project(person.pk, project.pk)


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle(
    workspace_a: Tenant,
) -> None:
    project = worked(workspace_a, *TEN)
    assert figures(kept(project)) == (10, 55.0, 550.0, 10 * PRICE)


def test_what_neither_counts_nor_is_paid_is_left_out(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, overlap=1)
    make_batch(project, 5)
    rejected, returned, accepted, aside, _waits = work_on(project, 1.0, 2.0, 3.0, 4.0, 5.0)
    change(rejected, "state = 'rejected'")
    change(returned, "state = 'returned'")
    change(accepted, "state = 'accepted'")
    change(aside, "set_aside = true")
    assert figures(kept(project)) == (3, 4.0, 12.0, 3 * PRICE)


def test_only_the_newest_answers_are_read(
    workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "MOST_ANSWERS", 2)
    project = worked(workspace_a, 900.0, 10.0, 20.0)
    assert figures(kept(project)) == (2, 15.0, 30.0, 2 * PRICE)


def test_another_tenants_answers_are_not_measured_with_it(
    workspace_a: Tenant, workspace_b: Tenant
) -> None:
    ours, theirs = worked(workspace_a, 10.0), worked(workspace_b, 70.0)
    assert (kept(ours).median_seconds, kept(theirs).median_seconds) == (10.0, 70.0)
    with planes.in_workspace(workspace_a.pk):
        assert not MeasuredPay.objects.filter(project=theirs.pk).exists()


def test_a_project_is_measured_once_an_hour_and_not_once_archived(workspace_a: Tenant) -> None:
    project, _archived = make_project(workspace_a), make_project(workspace_a)
    assert measuring.measure_due() == 2
    assert measuring.measure_due() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_quality_measuredpay SET at = at - interval '61 minutes'")
        cursor.execute(
            "UPDATE projects_plan_project SET status = 'archived' WHERE id <> %s", [project.pk]
        )
    assert measuring.measure_due() == 1


def test_a_fault_in_one_project_stops_no_others(
    workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = make_project(workspace_a), make_project(workspace_a)
    store = measuring._store

    def fails(workspace_id: uuid.UUID, project_id: uuid.UUID) -> None:
        if project_id == broken.pk:
            raise ValueError("broken")
        store(workspace_id, project_id)

    monkeypatch.setattr(measuring, "_store", fails)
    assert kept(other).answers == 0
    with planes.in_workspace(workspace_a.pk):
        assert not MeasuredPay.objects.filter(project=broken).exists()


@pytest.mark.parametrize(
    ("prompt", "seconds"),
    [
        ("word " * 390, 60.0),
        ("文字" * 390, 60.0),
        ("word " * 100_000, 600.0),
        ("x", 1.65),
    ],
)
def test_reading_takes_a_minute_for_400_words(
    workspace_a: Tenant, prompt: str, seconds: float
) -> None:
    """The responses of an item have ten words. A long text is read to its first 20,000 characters."""
    project = make_project(workspace_a)
    batch = make_batch(project, 0)
    import_items(batch, [make_item(1, prompt=prompt)])
    with planes.in_workspace(workspace_a.pk):
        assert measuring.reading_seconds(project.pk) == pytest.approx(seconds, abs=0.3)


def test_reading_is_a_mean_over_some_items(
    workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(workspace_a)
    with planes.in_workspace(workspace_a.pk):
        assert measuring.reading_seconds(project.pk) == 0
    batch = make_batch(project, 0)
    import_items(batch, [make_item(1, prompt="word " * 390), make_item(2, prompt="word " * 1_190)])
    with planes.in_workspace(workspace_a.pk):
        both = measuring.reading_seconds(project.pk)
        monkeypatch.setattr(measuring, "MOST_ITEMS", 1)
        one = measuring.reading_seconds(project.pk)
    assert both == pytest.approx(120.0, abs=0.3)
    assert min(abs(one - 60.0), abs(one - 180.0)) < 0.4


def test_the_listing_shows_the_estimate_and_then_what_is_measured(workspace_a: Tenant) -> None:
    project = worked(workspace_a, *TEN[:9], estimated_seconds=1)
    kept(project)
    newcomer = people.make_user("New")
    page = page_of(browser_of(newcomer).get(f"/work/market/{project.pk}/"))
    assert "5 s estimated: the shortest time that is assumed" in page
    assert "$180.00 estimated" in page and "measured" not in page.split("Read both")[0]
    client = people.client_for(people.make_desk_key(workspace_a.workspace, newcomer))
    path = f"/api/v1/desk/projects/{project.pk}/"
    assert client.get(path).json()["hourly"] == {
        "basis": "estimated",
        "answers": 0,
        "seconds": 5.0,
        "per_hour": {"amount_minor": 18_000, "currency": "USD"},
    }
    make_batch(project, 2, first=50)
    work_on(project, 100.0)
    kept(project)
    browser = browser_of(newcomer)
    for page in (browser.get(f"/work/market/{project.pk}/"), browser.get("/work/")):
        assert "55 s median, measured from 10 answers" in page_of(page)
        assert "$16.36 measured from 10 answers" in page_of(page)
    assert client.get(path).json()["hourly"] == {
        "basis": "measured",
        "answers": 10,
        "seconds": 55.0,
        "per_hour": {"amount_minor": 1636, "currency": "USD"},
    }
    own = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/"
    assert "$16.36 measured from 10 answers" in page_of(browser_of(workspace_a.owner).get(own))


def test_a_plausible_estimate_is_the_customers(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, estimated_seconds=90)
    make_batch(project, 1)
    page = page_of(browser_of(people.make_user("New")).get(f"/work/market/{project.pk}/"))
    assert "1 min 30 s estimated by the customer" in page and "$10.00 estimated" in page


def test_a_long_text_bounds_the_estimate_on_the_listing(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, estimated_seconds=1, overlap=1)
    batch = make_batch(project, 0)
    import_items(batch, [make_item(1, prompt="word " * 790)])
    kept(project)
    found = listed(project, people.make_user("New"))
    assert found and found.pay.seconds == pytest.approx(120.0, abs=0.3)


def test_the_door_tells_members_alone_of_a_project_of_members(
    workspace_a: Tenant, workspace_b: Tenant
) -> None:
    private, open_one = make_project(workspace_a, access="members"), make_project(workspace_b)
    measuring.measure_due()

    def told(person: people.User) -> set[uuid.UUID]:
        with planes.at_door(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT project_id FROM door_measured_pay(%s, %s)",
                [person.pk, [private.pk, open_one.pk]],
            )
            return {row[0] for row in cursor.fetchall()}

    assert told(workspace_a.owner) == {private.pk, open_one.pk}
    assert told(workspace_b.owner) == told(people.make_user("New")) == {open_one.pk}


def test_unpaid_work_shows_its_time_and_no_pay(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, access="members", estimated_seconds=90)
    make_batch(project, 1)
    member = browser_of(people.make_member(workspace_a.workspace))
    page = page_of(member.get(f"/work/market/{project.pk}/"))
    assert "1 min 30 s" in page and "Pay per hour" not in page
    own = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/"
    assert "Pay per hour" not in page_of(browser_of(workspace_a.owner).get(own))


@pytest.mark.parametrize(
    "assignment",
    ["answers = 1", "pay_minor = 1", "total_seconds = 1", "reading_seconds = -1"],
)
def test_figures_without_answers_are_refused_by_the_database(
    workspace_a: Tenant, assignment: str
) -> None:
    project = make_project(workspace_a)
    kept(project)
    with (
        pytest.raises(IntegrityError, match="measured_pay"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE projects_quality_measuredpay SET {assignment}")


def test_the_listing_reads_all_measures_at_once(workspace_a: Tenant, queries: object) -> None:
    newcomer = people.make_user("New")
    counts = []
    for _ in range(2):
        make_batch(make_project(workspace_a, overlap=1), 1)
        with planes.at_door(), queries() as said:  # type: ignore[operator]
            rows = selectors.listing_for(newcomer.pk, most=9)
        counts.append(len(said))
    assert len(rows) == 2 and counts == [2, 2]
