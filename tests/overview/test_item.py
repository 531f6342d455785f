"""An item's page shows what REST returns, with the responses in stored order, and is up to date."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.items.models import Batch, Item
from projects.quality.models import AgreementSnapshot, Tally
from projects.quality.tasks import refresh
from projects.stats.consensus import consensus
from projects.work.models import Annotation, Lease
from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import planes
from tests.exports.made import FIRST, SECOND
from tests.factories import Tenant, import_items, make_batch, make_item
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_member


def _id(tenant: Tenant, name: str) -> str:
    with planes.in_workspace(tenant.pk):
        return str(Item.objects.get(external_id=name).pk)


def of_rest(tenant: Tenant, name: str) -> dict[str, Any]:
    """Return what REST returns for the item."""
    response = tenant.client.get(f"/api/v1/items/{_id(tenant, name)}/")
    assert response.status_code == 200, response.content
    return response.json()


def of_page(tenant: Tenant, browser: Client, name: str) -> str:
    """The item's page as text, blanks as one."""
    response = browser.get(f"/w/{tenant.workspace.slug}/items/{_id(tenant, name)}/")
    assert response.status_code == 200
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(words.split())


def test_answers_stand_side_by_side_in_stored_order(
    workspace_a: Tenant, judged: Batch, owner: Client
) -> None:
    """Item 1: two prefer the first, one the second; whatever order each of them saw."""
    found, page = of_rest(workspace_a, "item-1"), of_page(workspace_a, owner, "item-1")
    with planes.in_workspace(workspace_a.pk):
        rows = list(
            Annotation.objects.filter(item__external_id="item-1")
            .select_related("lease", "enrollment")
            .order_by("pk")
        )
    assert [answer["annotator"] for answer in found["answers"]] == [
        row.enrollment.pseudonym for row in rows
    ]
    for answer, row in zip(found["answers"], rows, strict=True):
        chosen = row.answer["preference"]["choice"]
        assert answer["shown"] == row.lease.shown
        assert answer["summary"][0].endswith(f"{'AB'[chosen]} is better")
        assert list(answer["marks"]) == [str(chosen)]
        assert (answer["state"], answer["guideline_version"]) == ("submitted", 1)
        assert answer["seconds"] == row.seconds
        assert f"Order shown {', '.join('AB'[at] for at in row.lease.shown)}" in page
        assert row.enrollment.pseudonym in page
    assert "Because it is better." in page
    # Whose the texts are, too: A is what was imported first.
    assert page.index(FIRST.format(1)) < page.index(SECOND.format(1))
    assert "better × 2" in page


@pytest.mark.slow
def test_an_answer_alone_has_its_annotators_letters_and_the_item_its_own(
    workspace_a: Tenant, judged: Batch, owner: Client
) -> None:
    """A reviewer's note then says the same to the annotator. On the item's page and over REST, A was imported first."""
    with planes.in_workspace(workspace_a.pk):
        rows = list(Annotation.objects.select_related("lease", "item").order_by("pk"))
    decided = [row for row in rows if row.answer["preference"]["choice"] in (0, 1)]
    orders = [row.lease.shown for row in decided]
    assert [0, 1] in orders and [1, 0] in orders
    for row in decided:
        shown, choice = row.lease.shown, row.answer["preference"]["choice"]
        at = reverse("review_one", args=[workspace_a.workspace.slug, row.project_id, row.pk])
        page = owner.get(at).content.decode()
        assert re.findall(r'aria-label="Response (.)"', page) == ["A", "B"]
        number = row.item.external_id.removeprefix("item-")
        texts = [text.format(number) for text in (FIRST, SECOND)]
        assert page.index(texts[shown[0]]) < page.index(texts[shown[1]])
        assert f"{'AB'[shown.index(choice)]} is better" in html.unescape(page)
        answers = of_rest(workspace_a, row.item.external_id)["answers"]
        [answer] = [answer for answer in answers if answer["id"] == str(row.pk)]
        assert answer["summary"][0].endswith(f"{'AB'[choice]} is better")
        for line in answer["summary"]:
            assert line in html.unescape(of_page(workspace_a, owner, row.item.external_id))


def test_the_consensus_is_of_the_tally_and_what_is_known_now(
    workspace_a: Tenant, judged: Batch, owner: Client
) -> None:
    def said(name: str) -> tuple[int | None, float]:
        (question,) = of_rest(workspace_a, name)["consensus"]
        (facet,) = question["facets"]
        assert (question["question"], facet["unit"]) == ("preference", "preference@0-1")
        return facet["lead"]["value"], facet["lead"]["probability"]

    with planes.in_workspace(workspace_a.pk):
        newest = AgreementSnapshot.objects.get(batch=None)
        accuracy = newest.accuracy
    assert said("item-1") == (-1, consensus([2, 0, 1], accuracy, (-1, 0, 1)).probability)
    assert said("item-3")[0] == 0 and said("item-4")[0] is None
    assert f"probability {said('item-1')[1] * 100:.0f} %" in of_page(workspace_a, owner, "item-1")
    assert "contested no answer leads" in of_page(workspace_a, owner, "item-4")
    # More is known of the annotators: the probability follows at once, without a new answer.
    with planes.in_workspace(workspace_a.pk):
        newest.pk, newest.accuracy, newest.at = uuid7(), 0.95, newest.at + timedelta(seconds=1)
        newest._state.adding = True
        newest.save()
    assert said("item-1") == (-1, consensus([2, 0, 1], 0.95, (-1, 0, 1)).probability)
    # The probability would round to 100 %, which no consensus has.
    assert said("item-2")[1] > 0.995
    assert "probability over 99 %" in of_page(workspace_a, owner, "item-2")


def test_why_it_was_returned_is_told_with_counts(
    workspace_a: Tenant, project: Any, batch: Batch, annotators: list[Annotator], owner: Client
) -> None:
    """To the owner, on the page and over REST."""
    notes = [("technical", "Both answers are cut off"), ("technical", ""), ("harmful", "A threat")]
    for annotator, (reason, note) in zip(annotators, notes, strict=True):
        lease = annotator.lease()
        assert lease and lease["prompt"][-1]["content"] == "Question 1?"
        path = f"/api/v1/desk/leases/{lease['id']}/return/"
        body = {"reason": reason, "note": note}
        assert annotator.client.post(path, body).status_code == 204
    assert of_rest(workspace_a, "item-1")["returns"] == [
        {"reason": "technical", "count": 2, "notes": ["Both answers are cut off"]},
        {"reason": "harmful", "count": 1, "notes": ["A threat"]},
    ]
    page = of_page(workspace_a, owner, "item-1")
    assert "Technical “Both answers are cut off” 2 ×" in page
    assert "Harmful “A threat” 1 ×" in page
    assert of_rest(workspace_a, "item-2")["returns"] == []


def test_before_funding_it_is_as_it_was_imported(
    workspace_a: Tenant, project: Any, owner: Client
) -> None:
    batch = make_batch(project, 0)
    sent = make_item(1, context={"source": "a book"}, metadata={"language": "de"})
    import_items(batch, [sent])
    found, page = of_rest(workspace_a, "item-1"), of_page(workspace_a, owner, "item-1")
    assert (found["answers"], found["consensus"], found["returns"]) == ([], [], [])
    assert found["item"]["metadata"] == {"language": "de"}
    for said in ("Question 1?", FIRST.format(1), "model-a", "a book", "language", "not funded yet"):
        assert said in page, said


def test_what_people_wrote_is_inert(
    workspace_a: Tenant, project: Any, annotators: list[Annotator], owner: Client
) -> None:
    bad = "<script>alert(1)</script>"
    batch = make_batch(project, 0)
    import_items(batch, [make_item(1, external_id=f"{bad}", metadata={bad: bad})])
    with planes.in_workspace(workspace_a.pk):
        item = Item.objects.get()
    page = owner.get(f"/w/{workspace_a.workspace.slug}/items/{item.pk}/").content.decode()
    listed = owner.get(f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/items/")
    assert bad not in page and bad not in listed.content.decode()


def test_an_item_of_another_workspace_is_missing(
    workspace_a: Tenant, workspace_b: Tenant, batch: Batch
) -> None:
    path = f"/api/v1/items/{_id(workspace_a, 'item-1')}/"
    assert workspace_b.client.get(path).status_code == 404


@pytest.mark.slow
def test_the_same_votes_have_one_probability_whenever_they_came(
    workspace_a: Tenant, project: Any, annotators: list[Annotator], deliver: Any
) -> None:
    """Agreement is computed between the answers; all items of three votes alike end up equally sure, everywhere."""
    batch = make_batch(project, 6)
    votes = iter(["first", "second", "first", "second", "tie", "tie"] * 3)
    for annotator in annotators:
        while lease := annotator.lease():
            item = lease["prompt"][0]["content"].removeprefix("Question ").removesuffix("?")
            verdict = next(votes)
            if verdict == "tie":
                annotator.submit(lease, "tie")
            else:
                annotator.prefer(lease, (FIRST if verdict == "first" else SECOND).format(item))
            deliver()
            refresh()
    with planes.in_workspace(workspace_a.pk):
        assert AgreementSnapshot.objects.values("accuracy").distinct().count() > 3
        assert Tally.objects.count() == 6 and Lease.objects.count() == 18
    consensus_path = f"/api/v1/batches/{batch.pk}/consensus/"
    rows = workspace_a.client.get(consensus_path).json()["results"]
    of_consensus = {
        (max(row["facets"][0]["votes"]), row["facets"][0]["probability"]) for row in rows
    }
    items = workspace_a.client.get(f"/api/v1/projects/{project.pk}/items/").json()["results"]
    of_list = {(row["leads"][0]["votes"], row["leads"][0]["probability"]) for row in items}
    of_items = set()
    for row in items:
        (question,) = of_rest(workspace_a, row["external_id"])["consensus"]
        of_items.add(
            (question["facets"][0]["lead"]["votes"], question["facets"][0]["lead"]["probability"])
        )
    assert len(of_consensus) == 1
    assert of_consensus == of_list == of_items


@pytest.mark.parametrize("role", ["viewer", "reviewer", "billing"])
def test_every_member_sees_it(workspace_a: Tenant, batch: Batch, role: str) -> None:
    browser = browser_of(make_member(workspace_a.workspace, role))
    path = f"/w/{workspace_a.workspace.slug}/items/{_id(workspace_a, 'item-1')}/"
    assert browser.get(path).status_code == 200
