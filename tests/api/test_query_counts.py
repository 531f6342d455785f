"""How many statements a request sends: few at the desk, and in lists no more for many rows than for one."""

import pytest

from projects.quality import services as quality
from rlhfhub.tenancy import planes
from tests import routes
from tests.adjudications import adjudicate, item_of, prefers
from tests.bonuses.made import give_more
from tests.calibration import made as calibration
from tests.deposits.made import make_paid, make_refund
from tests.factories import make_batch, make_item, make_project, publish_guidelines
from tests.people import client_for, make_annotator, make_desk_key, make_user
from tests.quality.made import open_alert
from tests.review.bulk import ask_for_more
from tests.routes import row_of
from tests.urls import path_of

LEASE_MOST, SUBMIT_MOST = row_of("api_lease", "POST").most, row_of("api_submit", "POST").most
LISTS = [row for row in routes.REST if row.is_list]


def test_lease_and_submit(annotators, batch, queries):
    """Between BEGIN and COMMIT, at most what tests/routes.py says."""
    ada = annotators[0]
    ada.submit(ada.lease())  # forms and guideline numbers are read once a process
    with queries() as lease_seen:
        lease = ada.lease()
    with queries() as again_seen:
        ada.lease()
    with queries() as submit_seen:
        assert ada.submit(lease).status_code == 201
    for name, seen in (
        ("lease", lease_seen),
        ("live lease again", again_seen),
        ("submit", submit_seen),
    ):
        print(f"\n{name}: {len(seen)} statements\n{seen}")
    assert len(lease_seen) <= LEASE_MOST
    assert len(again_seen) <= LEASE_MOST
    assert len(submit_seen) <= SUBMIT_MOST


@pytest.fixture
def one_of_each(workspace_a, project, batch, annotators, deliver):
    """A row in every list."""

    def more():
        publish_guidelines(project, "# More", "minor")
        number = 100 + next(numbers) * 10
        make_batch(project, items=2, first=number)
        keyed = make_item(number, key={"preference": {"choice": "0"}})
        path = f"/api/v1/projects/{project.pk}/keys/"
        assert workspace_a.client.post(path, [keyed]).status_code == 201
        calibration.make_round(project, seats=1)
        workspace_a.client.post(f"/api/v1/projects/{project.pk}/exports/", {})
        other = make_project(workspace_a)
        make_annotator(other, user=annotators[0].user)
        for annotator in annotators:
            lease = annotator.lease()
            assert annotator.submit(lease).status_code == 201
        rows = workspace_a.client.get(
            f"/api/v1/projects/{project.pk}/annotations/?state=submitted&page_size=1"
        )
        ids = [row["id"] for row in rows.json()["results"]]
        adjudicate(workspace_a, item, prefers("tie"), seen=next(decided))
        workspace_a.client.post("/api/v1/annotations/accept/", {"ids": ids})
        deliver()
        with planes.in_workspace(workspace_a.pk):
            quality.refresh_agreement(project_id=project.pk)
            ask_for_more(project, workspace_a.owner.pk)
        give_more(project, annotators[0], by=1)
        make_refund(make_paid(workspace_a), 100)

    numbers, decided = iter(range(100)), iter(range(100))
    item = item_of(workspace_a, "item-1").pk
    calibration.make_pool(project, 2 * calibration.ITEMS, first=10_000)
    more()
    return more


def test_lists(workspace_a, batch, annotators, one_of_each, queries):
    """The same number for one row as for several."""
    ids = {
        "project": batch.project_id,
        "batch": batch.pk,
        "enrollment": annotators[0].enrollment.pk,
        "alert": open_alert(annotators[0]).pk,
        "round": calibration.make_round(batch.project).pk,
        "item": item_of(workspace_a, "item-1").pk,
    }

    def counted():
        found = {}
        for row in LISTS:
            client = annotators[0].client if row in routes.DESK_API else workspace_a.client
            with queries() as seen:
                response = client.get(path_of(row.name, ids))
            assert response.status_code == 200, response.content
            found[row.name] = (len(seen), str(seen))
        return found

    counted()  # a key's first use is noted
    few = counted()
    for _ in range(3):
        one_of_each()
    many = counted()
    for row in LISTS:
        name = row.name
        print(f"{name}: {few[name][0]} statements")
        assert few[name][0] == many[name][0], f"{name}\n{few[name][1]}\n--\n{many[name][1]}"
    over = {row.name: many[row.name][1] for row in LISTS if many[row.name][0] > row.most}
    assert not over, "\n".join(f"{name}\n{said}" for name, said in over.items())


def test_joining_costs_no_more_with_more_projects(workspace_a, project, queries):
    """Request the list once."""
    client = client_for(make_desk_key(workspace_a.workspace, make_user()))
    for _ in range(5):
        make_project(workspace_a)
    with queries() as seen:
        assert (
            client.post("/api/v1/desk/enrollments/", {"project": str(project.pk)}).status_code
            == 201
        )
    assert len(seen) <= 20, seen
