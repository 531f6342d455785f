"""The reviewers' queue: its orders and filters, its cards by item, and decisions made in it."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from projects.items.models import Batch, Item
from projects.plan.models import Project
from projects.review.models import Priority
from projects.review.queue import cards, orders
from projects.review.queue.orders import Filters, Order, Ranked, ranked
from projects.review.services import accepting, flags
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.pages.conftest import HTMX, browser_of
from tests.people import Annotator
from tests.rejections import NOTE
from tests.review.own import page_of

# By item 1 to 5: what Ada, Bob and Cem prefer.
SAID = ("AAA", "AAB", "ABB", "AAA", "AB")


@pytest.fixture
def answers(
    batch: Batch, annotators: list[Annotator], deliver: Callable[[], int]
) -> list[list[uuid.UUID]]:
    """Answers to five items, by item; the last has two."""
    found: list[list[uuid.UUID]] = [[] for _ in SAID]
    for person, annotator in enumerate(annotators[:3]):
        for item, said in enumerate(SAID):
            if person < len(said):
                lease = annotator.lease() or {}
                text = f"{'First' if said[person] == 'A' else 'Second'} answer to {item + 1}."
                found[item].append(uuid.UUID(annotator.prefer(lease, text).json()["id"]))
    deliver()
    return found


@pytest.fixture
def address(workspace_a: Tenant, project: Project) -> str:
    return reverse("review", args=[workspace_a.workspace.slug, project.pk])


def order_of(project: Project, filters: Filters, size: int = 9) -> list[int]:
    """The numbers of the items in the queue, read `size` items at a time."""
    found: list[Ranked] = []
    with planes.in_workspace(project.workspace_id):
        while more := ranked(project.pk, filters, found[-1] if found else None, limit=size):
            found += more
        names = {item.pk: item.external_id for item in Item.objects.all()}
    return [int(names[one.item_id].removeprefix("item-")) for one in found]


def test_each_order_has_every_item_once_page_by_page(
    workspace_a: Tenant, project: Project, answers: list[list[uuid.UUID]]
) -> None:
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        flags.flag(annotation_ids=[answers[3][2]], reason="speed", weight=2)
        flags.flag(annotation_ids=[answers[1][0]], reason="drift", weight=5)
        # Cem's answer to the fourth item is decided, so Cem is less new than the others, and its flag is gone.
        flags.flag(annotation_ids=[answers[0][0]], reason="pair", weight=9)
        accepting.accept(annotation_ids=[answers[0][0]], reviewer_id=workspace_a.owner.pk)
    assert order_of(project, Filters(Order.OLDEST)) == [2, 3, 4, 5, 1]
    assert order_of(project, Filters(Order.FLAGGED)) == [2, 4, 3, 5, 1]
    # One against one, then two against one, then unanimous.
    assert order_of(project, Filters(Order.CONTESTED)) == [5, 2, 3, 4, 1]
    seeds = {tuple(order_of(project, Filters(Order.RANDOM, seed=seed))) for seed in range(1, 20)}
    assert len(seeds) > 5 and all(sorted(found) == [1, 2, 3, 4, 5] for found in seeds)
    for order in Order.values:
        filters = Filters(order, seed=7)
        whole = order_of(project, filters)
        assert sorted(whole) == [1, 2, 3, 4, 5]
        assert [order_of(project, filters, size) for size in (1, 2)] == [whole, whole]


def test_new_annotators_come_first(
    workspace_a: Tenant,
    project: Project,
    annotators: list[Annotator],
    answers: list[list[uuid.UUID]],
) -> None:
    """Ada has two decided answers, Bob one and Cem none: Cem's come first, and Bob's when two of Cem's are decided."""
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        decided = [answers[4][0], answers[3][0], answers[4][1]]
        accepting.accept(annotation_ids=decided, reviewer_id=workspace_a.owner.pk)
        found = ranked(project.pk, Filters(Order.NEW), None, limit=9)
        [_, bob, cem] = [annotator.enrollment.pk for annotator in annotators[:3]]
        assert {(one.rank, one.who) for one in found} == {(0, cem)}
        accepting.accept(
            annotation_ids=[answers[n][2] for n in (0, 1)], reviewer_id=workspace_a.owner.pk
        )
        found = ranked(project.pk, Filters(Order.NEW), None, limit=9)
        assert [(one.rank, one.who) for one in found] == [(1, bob)] * 4


def test_filters_narrow_the_queue(
    workspace_a: Tenant,
    project: Project,
    annotators: list[Annotator],
    answers: list[list[uuid.UUID]],
) -> None:
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        flags.flag(annotation_ids=[answers[3][2], answers[1][1]], reason="speed", weight=2)
        flags.flag(annotation_ids=[answers[2][0]], reason="drift", weight=5)
    cem = annotators[2].enrollment.pk
    for order in Order.values:
        only = Filters(order, seed=3, enrollment_id=cem)
        assert sorted(order_of(project, only)) == [1, 2, 3, 4]
        assert sorted(order_of(project, Filters(order, seed=3, reason="speed"))) == [2, 4]
        assert order_of(project, replace(only, reason="speed"), 1) == [4]


def test_a_priority_is_kept_while_the_answer_waits(
    workspace_a: Tenant, project: Project, answers: list[list[uuid.UUID]]
) -> None:
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        contests = dict(Priority.objects.values_list("annotation", "contest"))
        expected = {1: 67, 2: 67, 4: 100}
        assert contests == {key: expected[n] for n in expected for key in answers[n]}
        accepting.accept(annotation_ids=[answers[4][0]], reviewer_id=workspace_a.owner.pk)
        assert set(Priority.objects.filter(waits=False).values_list("annotation", flat=True)) == {
            answers[4][0]
        }


def test_the_queue_reads_no_more_rows_as_more_answers_wait(
    workspace_a: Tenant,
    project: Project,
    annotators: list[Annotator],
    answers: list[list[uuid.UUID]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fourteen answers wait, and the window is of three: no scan of answers or priorities reads more, in any order."""
    monkeypatch.setattr(orders, "WINDOW", 3)
    asked = [Filters(order, seed=5) for order in Order.values]
    asked.append(Filters(Order.CONTESTED, enrollment_id=annotators[0].enrollment.pk))
    with planes.in_workspace(workspace_a.pk), connection.cursor() as cursor:
        # Of fourteen rows the planner may well read and sort all; of many it reads an index in order.
        for other in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{other} = off")
        for filters in asked:
            read = _rows_read(project, filters)
            assert read and max(read) <= 6, (filters, read)


def _rows_read(project: Project, filters: Filters) -> list[int]:
    """How many rows each scan read at a time, except that of an annotator's first answers."""
    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ranked(project.pk, filters, None, limit=9)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {seen[0][0]}", seen[0][1])
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return [
        node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        for node in _nodes(plan[0]["Plan"])
        if node.get("Relation Name") in ("projects_work_annotation", "projects_review_priority")
        and node.get("Index Name") != "annotation_by_enrollment"
    ]


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", []) for node in _nodes(part))]


def test_a_card_has_all_answers_of_the_item_in_its_own_letters(
    workspace_a: Tenant, project: Project, answers: list[list[uuid.UUID]]
) -> None:
    """Decided ones too."""
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        accepting.accept(annotation_ids=[answers[1][0]], reviewer_id=workspace_a.owner.pk)
        item = Annotation.objects.get(pk=answers[1][0]).item_id
        [card] = cards.cards_of(project, [item], workspace_a.owner.pk)
    assert [answer.id for answer in card.answers] == answers[1]
    assert [answer.waits for answer in card.answers] == [False, True, True]
    choices = [answer.summary[0] for answer in card.answers]
    assert choices[0] == choices[1] != choices[2]
    assert "A" in choices[0] and "B" in choices[2]
    assert card.waiting == 2


def test_an_answer_is_accepted_in_place_and_by_a_plain_form(
    workspace_a: Tenant, project: Project, answers: list[list[uuid.UUID]], address: str
) -> None:
    owner = browser_of(workspace_a.owner)
    one, two = answers[0][:2]
    part = owner.post(f"{address}{one}/accept/?order=oldest", **HTMX)
    assert part.status_code == 200 and "<html" not in part.content.decode()
    assert part["HX-Retarget"].startswith("#item-")
    assert "Accepted." in page_of(part) and "2 of 3 answers undecided" in page_of(part)
    badge = r'id="reviews-waiting"( hx-swap-oob="true")?><span class="badge badge-accent">13<'
    assert re.search(badge, part.content.decode()), "the tab says how many are left"
    assert re.search(badge, owner.get(address).content.decode())
    assert "order=oldest" in part.content.decode()
    again = owner.post(f"{address}{one}/accept/", **HTMX)
    assert again.status_code == 409 and "decided already" in page_of(again)
    plain = owner.post(f"{address}{two}/accept/?order=oldest")
    assert (plain.status_code, plain["Location"]) == (303, f"{address}?order=oldest")
    with planes.in_workspace(workspace_a.pk):
        states = dict(Annotation.objects.values_list("pk", "state"))
    assert (states[one], states[two]) == ("accepted", "accepted")


def test_an_answer_is_sent_back_or_rejected_in_place(
    workspace_a: Tenant, answers: list[list[uuid.UUID]], address: str
) -> None:
    owner = browser_of(workspace_a.owner)
    one, two = answers[0][:2]
    forms = owner.get(f"{address}{one}/?order=oldest", **HTMX).content.decode()
    assert "<html" not in forms and f'hx-post="{address}{one}/reject/?order=oldest"' in forms
    short = owner.post(f"{address}{one}/return/", {"note": "no"}, **HTMX)
    assert short.status_code == 422 and "Say why" in page_of(short)
    done = owner.post(f"{address}{one}/return/", {"note": NOTE}, **HTMX)
    assert done["HX-Reswap"] == "outerHTML" and "sent back" in page_of(done)
    refused = {"reason": "rule", "rule": "R1", "note": NOTE}
    done = owner.post(f"{address}{two}/reject/", refused, **HTMX)
    assert "rejected" in page_of(done) and "1 of 3 answers undecided" in page_of(done)


@pytest.mark.parametrize("action", ["return", "reject"])
def test_a_stale_refusal_is_said_on_the_page_of_the_answer(
    workspace_a: Tenant, answers: list[list[uuid.UUID]], address: str, action: str
) -> None:
    """The answer was decided in another tab, and the page has no forms any more."""
    owner = browser_of(workspace_a.owner)
    one = answers[0][0]
    owner.post(f"{address}{one}/accept/")
    asked = {"reason": "rule", "rule": "R1", "note": NOTE}
    stale = owner.post(f"{address}{one}/{action}/", asked)
    assert stale.status_code == 422 and "This answer is accepted already." in page_of(stale)


def test_what_nobody_knows_is_refused(
    workspace_a: Tenant, address: str, answers: list[list[uuid.UUID]]
) -> None:
    owner = browser_of(workspace_a.owner)
    for query in ("order=odd", "reason=odd", "seed=0", "seed=x", "sort=1", "order=new&order=new"):
        refused = owner.get(f"{address}?{query}")
        assert refused.status_code == 404, query
        assert "cannot use these parameters of its address" in page_of(refused), query
    assert owner.get(f"{address}?sample={uuid.uuid4()}").status_code == 404
    unknown = owner.get(address, {"annotator": "nobody"})
    assert unknown.status_code == 200 and "Nobody in this project" in page_of(unknown)
    drawn = owner.get(address, {"order": "random"})
    assert drawn.status_code == 302 and re.search(r"seed=\d+", drawn["Location"])
    shown = [row.id for row in owner.get(drawn["Location"]).context["listing"].rows]
    assert shown == [row.id for row in owner.get(drawn["Location"]).context["listing"].rows]


def test_the_queue_over_rest(
    workspace_a: Tenant, project: Project, answers: list[list[uuid.UUID]]
) -> None:
    client, path = workspace_a.client, f"/api/v1/projects/{project.pk}/queue/"
    found, following = [], f"{path}?order=contested&page_size=2"
    while following:
        body = client.get(following).json()
        found += [int(row["external_id"].removeprefix("item-")) for row in body["results"]]
        following = body["next"]
    assert found == order_of(project, Filters(Order.CONTESTED)) and len(found) == 5
    [first, *_] = client.get(f"{path}?order=contested&page_size=1").json()["results"]
    assert [row["annotation"] for row in first["answers"]] == [str(key) for key in answers[4]]
    assert (first["undecided"], first["answers"][0]["state"]) == (2, "submitted")
    assert [sorted(row["shown"]) for row in first["answers"]] == [[0, 1], [0, 1]]
    for query in ("order=random", "annotator=nobody", "cursor=x", f"sample={uuid.uuid4()}"):
        assert client.get(f"{path}?{query}").status_code == 400, query
