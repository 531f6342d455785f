"""The experts' page is the desk: members give right answers to items there, each on their own, with no lease."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from projects.items.keys import services as keys
from projects.items.models import Batch, Item, Key
from projects.plan.models import GuidelineVersion, Project
from projects.work.models import Lease, Slot
from rlhfhub.tenancy import planes
from tests import gold, people
from tests.factories import Tenant, make_batch, make_project, publish_guidelines
from tests.pages.conftest import browser_of

PART = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def batch(project: Project) -> Batch:
    return make_batch(project, 4, fund=False)


def items_of(batch: Batch) -> list[Item]:
    with planes.in_workspace(batch.workspace_id):
        rows = Item.objects.filter(batch=batch).select_related("project__form")
        return list(rows.order_by("seq"))


class Expert:
    """A manager who answers on the experts' page."""

    def __init__(self, tenant: Tenant, project: Project, name: str) -> None:
        self.browser: Client = browser_of(
            people.make_member(tenant.workspace, "manager", people.make_user(name))
        )
        self.base = f"/w/{tenant.workspace.slug}/projects/{project.pk}/expert/"

    def page(self, query: str = "", **how: Any) -> str:
        response = self.browser.get(f"{self.base}{query}", **how)
        assert response.status_code == 200
        return response.content.decode()

    def asked(self, query: str = "") -> tuple[int, str] | None:
        """The number of the item that is shown, and where its answer is sent; None if none waits."""
        page = self.page(query)
        shown = re.search(r"Question (\d+)\?", page)
        address = re.search(r'hx-post="([^"]+)"', page)
        return (int(shown[1]), address[1].replace("&amp;", "&")) if shown and address else None

    def answer(self, choice: str, query: str = "", **more: str) -> int:
        """Answer the next item. Returns its number."""
        asked = self.asked(query)
        assert asked
        response = self.browser.post(asked[1], {"preference": choice, **more})
        assert response.status_code == 303, response.content
        return asked[0]


@pytest.fixture
def keyed(batch: Batch) -> list[Item]:
    """Three keyed items with one person's answer each."""
    return [gold.make_keyed(item, people=("Ann",)) for item in items_of(batch)[:3]]


def test_three_experts_make_the_keys_certain(
    workspace_a: Tenant, project: Project, keyed: list[Item]
) -> None:
    for name in ("Edna", "Fred"):
        expert = Expert(workspace_a, project, name)
        assert sorted(expert.answer("0") for _ in keyed) == [1, 2, 3]
        assert expert.asked() is None
    page = expert.page()
    assert "No item waits for your answer" in page
    assert "Every keyed item has three people’s answers." in page
    assert "Choose what to answer next" in page and "Back to the project" in page
    assert re.search(r">3</span> of 3 <span class=\"wordy\">keyed items have three", page)
    assert re.search(r">3</span> by you today", page)
    late = Expert(workspace_a, project, "Gina")
    assert late.asked() is None, "three people are enough"
    with planes.in_workspace(workspace_a.pk):
        rows = Key.objects.filter(source="expert")
        assert sorted(rows.values_list("by", flat=True)) == ["Edna"] * 3 + ["Fred"] * 3
        assert all(key.created_by_id for key in rows)
        assert not Lease.objects.exists()
        assert not Slot.objects.exists()


def test_the_order_shown_is_drawn_and_undone(
    workspace_a: Tenant, project: Project, keyed: list[Item]
) -> None:
    """Whoever clicks the first response of the item gets it stored as such, wherever it stood."""
    expert, orders = Expert(workspace_a, project, "Edna"), set()
    for _ in range(20):
        page = expert.page()
        number = re.search(r"Question (\d+)\?", page)
        assert number
        shown = re.findall(r"(First|Second) answer to \d+\.", page)
        keys = re.findall(r'name="preference"[^>]*value="([01])"', page)
        assert [{"0": "First", "1": "Second"}[key] for key in keys] == list(dict.fromkeys(shown))
        orders.add(tuple(keys))
    assert orders == {("0", "1"), ("1", "0")}
    expert.answer("1")
    with planes.in_workspace(workspace_a.pk):
        assert Key.objects.get(by="Edna").answer == {"choice": 1}


def test_the_reason_and_the_rule_go_with_the_key(
    workspace_a: Tenant, project: Project, keyed: list[Item]
) -> None:
    Expert(workspace_a, project, "Edna").answer("tie", reason=" Both say so. ", rule="r1")
    with planes.in_workspace(workspace_a.pk):
        (key,) = Key.objects.filter(by="Edna")
    assert (key.question, key.answer) == ("preference", {"choice": "tie"})
    assert (key.note, key.rule) == ("Both say so.", "R1")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "No question of the form is answered here"),
        ({"preference": "7"}, "No response"),
        ({"preference": "0", "rule": "three"}, "a rule of the guideline"),
    ],
)
def test_a_wrong_answer_is_shown_again(
    workspace_a: Tenant, project: Project, keyed: list[Item], body: dict[str, str], words: str
) -> None:
    expert = Expert(workspace_a, project, "Edna")
    asked = expert.asked()
    assert asked
    response = expert.browser.post(asked[1], {**body, "reason": "My words."}, **PART)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "My words." in page
    assert f"Question {asked[0]}?" in page
    with planes.in_workspace(workspace_a.pk):
        assert not Key.objects.filter(by="Edna").exists()


def test_htmx_gets_the_partial_that_the_page_includes(
    workspace_a: Tenant, project: Project, keyed: list[Item]
) -> None:
    expert = Expert(workspace_a, project, "Edna")
    part = expert.page(**PART)
    assert "<html" not in part
    assert 'id="_expert"' in part
    asked = expert.asked()
    assert asked
    after = expert.browser.post(asked[1], {"preference": "0"}, **PART)
    assert after.status_code == 200
    assert 'id="_expert"' in after.content.decode()


def test_items_of_a_batch_become_keyed(
    workspace_a: Tenant, project: Project, batch: Batch, keyed: list[Item]
) -> None:
    """All four items of the batch: three have Ann's key, which is nobody else's matter."""
    expert, query = Expert(workspace_a, project, "Edna"), f"?batch={batch.pk}"
    met = [expert.answer("0", query) for _ in range(4)]
    assert sorted(met) == [1, 2, 3, 4]
    assert expert.asked(query) is None
    with planes.in_workspace(workspace_a.pk):
        assert Item.every.filter(batch__is_pool=True).count() == 4


@pytest.mark.slow
def test_everybody_has_an_order_of_their_own(workspace_a: Tenant, project: Project) -> None:
    """Two orders of nine items are alike once in 362,880."""
    query = f"?batch={make_batch(project, 9, fund=False).pk}"
    edna, fred = (Expert(workspace_a, project, name) for name in ("Edna", "Fred"))
    orders = [[one.answer("0", query) for _ in range(9)] for one in (edna, fred)]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


def test_a_filter_narrows_a_batch(
    workspace_a: Tenant,
    project: Project,
    annotators: list[people.Annotator],
    deliver: Callable[[], int],
) -> None:
    batch = make_batch(project, 3)
    for person, text in zip(annotators[:2], ("First", "Second"), strict=True):
        lease = person.lease()
        assert lease
        person.prefer(lease, f"{text} answer to 1.")
    deliver()
    expert = Expert(workspace_a, project, "Edna")
    contested = f"?batch={batch.pk}&show=contested"
    assert expert.answer("0", contested) == 1
    assert expert.asked(contested) is None
    unanswered = f"?batch={batch.pk}&show=unanswered"
    assert sorted(expert.answer("0", unanswered) for _ in range(2)) == [2, 3]


def test_a_skipped_item_comes_last(
    workspace_a: Tenant, project: Project, keyed: list[Item]
) -> None:
    expert = Expert(workspace_a, project, "Edna")
    first = expert.asked()
    assert first
    skip = re.search(r'href="([^"]+\?skip=[^"]+)"', expert.page())
    assert skip
    query = skip[1].removeprefix(expert.base)
    second = expert.asked(query)
    assert second and second[0] != first[0]
    expert.answer("0", query)
    assert {expert.answer("0") for _ in range(2)} == {1, 2, 3} - {second[0]}


def test_one_item_can_be_chosen(workspace_a: Tenant, project: Project, batch: Batch) -> None:
    expert, item = Expert(workspace_a, project, "Edna"), items_of(batch)[3]
    assert expert.answer("0", f"?item={item.pk}") == 4
    page = expert.browser.get(f"/w/{workspace_a.workspace.slug}/items/{item.pk}/").content.decode()
    assert f"/expert/?item={item.pk}" in page


def test_queries_that_mean_nothing_are_not_found(
    workspace_a: Tenant, workspace_b: Tenant, project: Project, batch: Batch
) -> None:
    foreign = make_batch(make_project(workspace_b), 1, fund=False)
    expert = Expert(workspace_a, project, "Edna")
    wrong = (
        "?batch=7",
        f"?batch={foreign.pk}",
        f"?item={items_of(foreign)[0].pk}",
        f"?batch={batch.pk}&show=nothing",
        "?skip=me",
        "?page=2",
    )
    for query in wrong:
        assert expert.browser.get(f"{expert.base}{query}").status_code == 404, query
    page = expert.browser.get(f"{expert.base}?show=contested", follow=True).content.decode()
    assert "Choose a batch: keyed items cannot be narrowed." in page
    theirs = f"{expert.base}{items_of(foreign)[0].pk}/"
    assert expert.browser.post(theirs, {"preference": "0"}).status_code == 404


def test_an_adjudicated_answer_says_so(workspace_a: Tenant, batch: Batch) -> None:
    item = items_of(batch)[0]
    owner, path = browser_of(workspace_a.owner), f"/w/{workspace_a.workspace.slug}/items/{item.pk}/"
    body = {"preference": "1", "by": "Ann", "source": "adjudicated"}
    page = owner.post(f"{path}key/", body, follow=True).content.decode()
    assert "adjudicated" in page
    over_rest = workspace_a.client.post(
        f"/api/v1/items/{item.pk}/key/",
        {"answer": {"preference": {"choice": "1"}}, "by": "Bo", "source": "panel"},
    )
    assert over_rest.status_code == 201, over_rest.content
    with planes.in_workspace(workspace_a.pk):
        assert set(Key.objects.values_list("by", "source")) == {
            ("Ann", "adjudicated"),
            ("Bo", "panel"),
        }
    wrong = workspace_a.client.post(
        f"/api/v1/items/{item.pk}/key/",
        {"answer": {"preference": {"choice": "1"}}, "by": "Cy", "source": "expert"},
    )
    assert wrong.status_code == 400


def test_items_that_guidelines_show_are_not_offered(
    workspace_a: Tenant, project: Project, keyed: list[Item]
) -> None:
    """Their right answers can be read by everybody. Others whose keys were retired are offered again."""
    with planes.in_workspace(workspace_a.pk):
        shown, wrong, _ = [Key.objects.get(item=item) for item in keyed]
        version = GuidelineVersion.objects.get(project=project)
        text = f"# Be fair\n\n> {keyed[0].prompt[-1]['content']}\n\n> {_said(keyed[0])}\n"
        keys.retire(key=wrong, because="It is wrong.", actor_id=None)
    publish_guidelines(project, text, "minor")
    expert = Expert(workspace_a, project, "Edna")
    with planes.in_workspace(workspace_a.pk):
        assert version.number == 1 and Key.objects.get(pk=shown.pk).retired_at
    offered = {expert.answer("0"), expert.answer("0")}
    assert len(offered) == 2 and expert.asked() is None
    with planes.in_workspace(workspace_a.pk):
        assert not Key.objects.filter(item=keyed[0], by="Edna").exists()


def _said(item: Item) -> str:
    return str(item.responses[0]["messages"][-1]["content"])
