"""The evidence of an alert shows the answers themselves: beside those of the others, and beside the right ones."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.items.models import Item
from projects.items.services import Plan
from projects.plan.models import Project
from projects.quality.alerts import selectors
from projects.quality.alerts.comparison import ComparedAnswer, Given
from projects.quality.alerts.models import Alert
from projects.work.models import Annotation, Purpose
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_annotator
from tests.quality.made import open_alert
from tests.revisions import send_back


def answer(annotator: Annotator, **by_item: str) -> None:
    """Answer everything there is: `item_2="Second"` prefers the second response of item 2, else the first."""
    while lease := annotator.lease():
        number = lease["prompt"][0]["content"].split()[1].rstrip("?")
        side = by_item.get(f"item_{number}", "First")
        assert annotator.prefer(lease, f"{side} answer to {number}.").status_code == 201


def compared(alert: Alert, tenant: Tenant) -> dict[str, ComparedAnswer]:
    """The alert's affected answers by the external id of their item."""
    with planes.in_workspace(tenant.pk):
        rows = Alert.objects.select_related("enrollment", "project__form")
        alert = rows.get(pk=alert.pk)
        found = list(selectors.affected_rows(alert).order_by("-pk"))
        return {
            one.annotation.item.external_id: one
            for one in selectors.compared_with_others(alert, found)
        }


def answers_of(annotator: Annotator) -> dict[str, str]:
    """The ids of the annotator's answers by the external id of their item."""
    with planes.in_workspace(annotator.enrollment.workspace_id):
        rows = Annotation.objects.filter(enrollment=annotator.enrollment).select_related("item")
        return {row.item.external_id: str(row.pk) for row in rows}


@pytest.fixture
def work(project: Project, annotators: list[Annotator]) -> list[Annotator]:
    """Three items, answered by three people; Ada prefers the second response of items 2 and 3, Ben that of item 3."""
    make_batch(project, 3)
    ada, ben, cleo = annotators
    answer(ada, item_2="Second", item_3="Second")
    answer(ben, item_3="Second")
    answer(cleo)
    return annotators


def test_an_answer_beside_those_of_the_others(workspace_a: Tenant, work: list[Annotator]) -> None:
    found = compared(open_alert(work[0]), workspace_a)
    told = {item: (one.questions[0].answer, one.questions[0].others) for item, one in found.items()}
    assert told == {
        "item-1": ("A is better", [Given("A is better", 2)]),
        "item-2": ("B is better", [Given("A is better", 2)]),
        "item-3": ("B is better", [Given("B is better", 1), Given("A is better", 1)]),
    }
    reason = found["item-1"].questions[1]
    assert (reason.answer, reason.others) == ("Because it is better.", [])
    assert reason.is_text and [one.question for one in found["item-1"].judged] == ["preference"]
    assert not any(one.keyed for one in found.values())


def test_the_right_answer_of_a_keyed_item_and_whether_it_was_hit(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    """Two items have keys: three people agree that the first response of one is right; of the other one said so."""
    ada, ben, _ = annotators
    batch = make_batch(project, 4, plan=Plan(1, share_percent=0, reserve_percent=100))
    with planes.in_workspace(workspace_a.pk):
        items = list(Item.objects.filter(batch=batch).order_by("seq").select_related("project"))
    sure, unsure = gold.make_keyed(items[0]), gold.make_keyed(items[1], people=("Ann",))
    for _ in annotators[:2]:
        gold.add_slots(batch, [sure, unsure], Purpose.GOLD)
    answer(ada, item_1="Second", item_2="Second")
    answer(ben)
    found = compared(open_alert(ada), workspace_a)
    of_sure, of_unsure = found[sure.external_id], found[unsure.external_id]
    assert of_sure.is_keyed and not of_sure.is_data
    [one] = of_sure.keyed
    assert (one.answer, one.right, one.is_right) == ("B is better", ["A is better"], False)
    assert one.others == [Given("A is better", 1)]
    [one] = of_unsure.keyed
    assert (one.right, one.is_right) == (["A is better"], None)


def test_a_pair_beside_everybody_else(workspace_a: Tenant, work: list[Annotator]) -> None:
    """The other one of the pair is not counted among the others, and only what both answered is shown."""
    ada, ben, _ = work
    alert = open_alert(
        ada,
        "pair",
        affected_from=None,
        others=(ben.enrollment.pseudonym,),
        annotations=(answers_of(ada)["item-3"],),
    )
    found = compared(alert, workspace_a)
    assert set(found) == {"item-3"}
    assert found["item-3"].questions[0].others == [Given("A is better", 1)]


def test_answers_that_do_not_count_are_left_out(workspace_a: Tenant, work: list[Annotator]) -> None:
    """One is set aside, the other was sent back and not revised yet."""
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        Annotation.objects.filter(pk=answers_of(work[1])["item-1"]).update(set_aside=True)
    send_back(uuid.UUID(answers_of(work[2])["item-1"]))
    assert compared(open_alert(work[0]), workspace_a)["item-1"].questions[0].others == []


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


def page_of(client: Client, tenant: Tenant, alert: Alert) -> str:
    response = client.get(reverse("alert", args=[tenant.workspace.slug, alert.pk]))
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_page_shows_them_in_words(
    workspace_a: Tenant, work: list[Annotator], owner: Client
) -> None:
    alert = open_alert(work[0])
    page = page_of(owner, workspace_a, alert)
    assert "3 answers for the project’s data since the change. Of those for data" in page
    assert "The chart shows 130 answers to items that others have answered too" in page
    assert "A is better × 2" in page and "B is better × 1, A is better × 1" in page
    html = owner.get(reverse("alert", args=[workspace_a.workspace.slug, alert.pk])).content.decode()
    for annotation in answers_of(work[0]).values():
        assert f"/review/{annotation}/" in html


def test_texts_side_by_side_and_none_in_the_evidence(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], owner: Client
) -> None:
    make_batch(project, 1)
    texts = [
        "A text of Ada’s that is long enough to be compared.",
        "A text of Ben’s, <b>as long</b>.",
    ]
    for annotator, text in zip(annotators, texts, strict=False):
        assert annotator.submit(annotator.lease() or {}, 0, text * 2).status_code == 201
    ada, ben = annotators[:2]
    mine, theirs = answers_of(ada)["item-1"], answers_of(ben)["item-1"]
    fields: dict[str, Any] = {
        "affected_from": None,
        "count": 3,
        "annotations": (mine,),
        "groups": ((mine, theirs),),
        "others": (ben.enrollment.pseudonym,),
    }
    alert = open_alert(ada, "copies", **fields)
    assert "Ada’s" not in str(alert.evidence)
    html = owner.get(reverse("alert", args=[workspace_a.workspace.slug, alert.pk])).content.decode()
    section = html.split('id="texts-title"')[1].split("</section>")[0]
    assert "A text of Ada’s" in section and "A text of Ben’s, &lt;b&gt;" in section
    for annotator in (ada, ben):
        assert annotator.enrollment.pseudonym in section
    told = workspace_a.client.get(f"/api/v1/alerts/{alert.pk}/").json()
    assert [(one["annotator"], one["text"][:10]) for one in told["texts"][0]] == [
        (ada.enrollment.pseudonym, texts[0][:10]),
        (ben.enrollment.pseudonym, texts[1][:10]),
    ]


def test_the_same_by_rest(workspace_a: Tenant, work: list[Annotator]) -> None:
    alert = open_alert(work[0])
    path = f"/api/v1/alerts/{alert.pk}/"
    told = workspace_a.client.get(path).json()
    assert told["affected"] == 3
    assert told["affected_by_purpose"] == {"for_data": 3, "keyed": 0, "repeats": 0}
    first = workspace_a.client.get(f"{path}answers/?page_size=2").json()
    rows = [*first["results"], *workspace_a.client.get(first["next"]).json()["results"]]
    assert {row["external_id"]: row["questions"][0]["others"] for row in rows} == {
        "item-1": [{"words": "A is better", "people": 2}],
        "item-2": [{"words": "A is better", "people": 2}],
        "item-3": [{"words": "B is better", "people": 1}, {"words": "A is better", "people": 1}],
    }
    refused = workspace_a.client.get(f"{path}answers/?state=open")
    assert refused.status_code == 400 and refused.json()["errors"][0]["field"] == "state"


@pytest.mark.parametrize("field", ["recalibrate", "flag_answers"])
def test_what_only_an_upheld_alert_can_ask_for_is_refused_when_it_is_lifted(
    workspace_a: Tenant, work: list[Annotator], field: str
) -> None:
    path = f"/api/v1/alerts/{open_alert(work[0]).pk}/decide/"
    body = {"verdict": "lift", "note": "The items got harder."}
    refused = workspace_a.client.post(path, body | {field: True})
    assert refused.status_code == 400, refused.content
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert workspace_a.client.post(path, body | {field: False}).status_code == 200


def test_the_page_refuses_a_recalibration_with_a_lift(
    workspace_a: Tenant, work: list[Annotator], owner: Client
) -> None:
    alert = open_alert(work[0])
    path = reverse("alert_decide", args=[workspace_a.workspace.slug, alert.pk])
    body = {"verdict": "lift", "note": "Fine.", "recalibrate": "on", "flag_answers": "on"}
    refused = owner.post(path, body)
    assert refused.status_code == 422
    assert "Untick this, or uphold the alert." in refused.content.decode()
    del body["recalibrate"]
    assert owner.post(path, body).status_code == 303


def test_twenty_answers_take_as_many_statements_as_two(
    workspace_a: Tenant, project: Project, owner: Client, queries: Callable[[], Any]
) -> None:
    ada, ben = make_annotator(project), make_annotator(project)
    make_batch(project, 2)
    for annotator in (ada, ben):
        answer(annotator)
    path = reverse("alert", args=[workspace_a.workspace.slug, open_alert(ada).pk])
    counts = []
    for first in (100, 200):
        with queries() as sent:
            assert owner.get(path).status_code == 200
        counts.append(len(sent))
        make_batch(project, 19, first=first)
        for annotator in (ada, ben):
            answer(annotator)
    assert counts[0] == counts[1], counts
