"""Imports of doubtful rows: the receipt and the batch count the warnings of rows that were imported."""

import json

import pytest

from projects.items import selectors
from projects.items.models import Import, Item
from projects.items.warnings import LISTED
from rlhfhub.tenancy import planes
from tests.api.unchanged import nothing_changes
from tests.api.uploads import lines, send
from tests.factories import make_batch, make_item, make_items, make_project


@pytest.fixture
def draft(project):
    """A batch that takes items."""
    return make_batch(project, items=0)


def pair(external_id, first, second, **fields):
    """An item with these texts."""
    responses = [{"text": first}, {"text": second}]
    return {"external_id": external_id, "prompt": "Q", "responses": responses, **fields}


SWAPPED = [pair("s1", "x1", "x2"), pair("s2", "x2", "x1")]
LEAKING = {
    "external_id": "leak1",
    "prompt": "Who are you?",
    "responses": [
        {"text": "I am Model-X, made by Example Corp.", "model": "model-x"},
        {"text": "I am an assistant.", "model": "policy-7"},
    ],
    "context": {"model_a": "model-x"},
}
TWICE = make_item(90, prompt=[{"role": "user", "content": c} for c in "ab"])
FIRST = make_item(
    91, prompt=[{"role": "assistant", "content": "Hi."}, {"role": "user", "content": "b"}]
)


def warnings_of(receipt):
    """Code to count and rows."""
    return {each["code"]: (each["count"], each["rows"]) for each in receipt["warnings"]}


def test_nothing_to_warn_of(workspace_a, draft):
    receipt = send(workspace_a.client, draft, lines(*make_items(3))).json()
    assert receipt["warnings"] == []


def test_what_the_reader_finds(workspace_a, draft):
    """The rows are imported; the receipt gives each warning's count, first rows and text."""
    body = lines(
        make_item(1), TWICE, LEAKING, FIRST, {**TWICE, "external_id": "t", "context": {"a": 1}}
    )
    response = send(workspace_a.client, draft, body)
    assert response.status_code == 201
    receipt = response.json()
    assert receipt["created"] == 5
    assert warnings_of(receipt) == {
        "role_twice": (2, [2, 5]),
        "model_named": (1, [3]),
        "assistant_first": (1, [4]),
    }
    assert all(each["words"] for each in receipt["warnings"])


def test_only_rows_that_came_in_are_counted(workspace_a, draft):
    """Not duplicates, and not wrong rows that were skipped: the batch's sum is of its items."""
    client = workspace_a.client
    send(client, draft, lines(TWICE))
    body = lines(
        TWICE, {**TWICE, "responses": []}, {**TWICE, "external_id": "new", "context": {"n": 1}}
    )
    receipt = send(client, draft, body, query="?on_error=skip").json()
    assert (receipt["created"], receipt["duplicates"], receipt["rejected_count"]) == (1, 1, 1)
    assert warnings_of(receipt) == {"role_twice": (1, [3])}
    with planes.in_workspace(workspace_a.pk):
        (total,) = selectors.warnings_of(draft.project_id, draft.pk)
        assert (total.code, total.count) == ("role_twice", 2)
        assert Item.objects.filter(batch=draft).count() == 2


def test_totals_are_of_a_batch_or_of_a_project(workspace_a, project, draft):
    other = make_batch(project, items=0)
    send(workspace_a.client, draft, lines(TWICE, LEAKING))
    send(workspace_a.client, other, lines({**FIRST, "external_id": "o"}))
    elsewhere = make_batch(make_project(workspace_a), items=0)
    send(workspace_a.client, elsewhere, lines(TWICE))
    with planes.in_workspace(workspace_a.pk):
        found = {
            batch_id: [(t.code, t.count) for t in selectors.warnings_of(project.pk, batch_id)]
            for batch_id in (draft.pk, other.pk, None)
        }
    assert found == {
        draft.pk: [("model_named", 1), ("role_twice", 1)],
        other.pk: [("assistant_first", 1)],
        None: [("assistant_first", 1), ("model_named", 1), ("role_twice", 1)],
    }


def test_many_rows_are_counted_and_the_first_listed(workspace_a, draft):
    many = [{**TWICE, "external_id": f"m{n}", "context": {"n": n}} for n in range(LISTED + 5)]
    count, rows = warnings_of(send(workspace_a.client, draft, lines(*many)).json())["role_twice"]
    assert (count, rows) == (LISTED + 5, list(range(1, LISTED + 1)))


def test_a_pair_in_swapped_order_is_told(workspace_a, draft):
    """In one file and against the project; in the same order, too."""
    client = workspace_a.client
    receipt = send(client, draft, lines(*SWAPPED)).json()
    assert (receipt["created"], warnings_of(receipt)) == (2, {"same_content": (1, [2])})
    again = lines(pair("s3", "x2", "x1", metadata={"a": 1}), pair("s4", "x1", "x3"))
    receipt = send(client, draft, again).json()
    assert (receipt["created"], warnings_of(receipt)) == (2, {"same_content": (1, [1])})
    # Under their own ids they are duplicates, as ever, and nothing to warn of.
    receipt = send(client, draft, lines(*SWAPPED)).json()
    assert (receipt["created"], receipt["duplicates"], receipt["warnings"]) == (0, 2, [])


def test_another_project_has_its_own_items(workspace_a, draft):
    send(workspace_a.client, draft, lines(SWAPPED[0]))
    elsewhere = make_batch(make_project(workspace_a), items=0)
    receipt = send(workspace_a.client, elsewhere, lines(SWAPPED[1])).json()
    assert (receipt["created"], receipt["warnings"]) == (1, [])


def test_same_content_may_be_left_out(workspace_a, draft):
    client = workspace_a.client
    receipt = send(
        client, draft, lines(*SWAPPED, pair("s3", "x1", "x2")), query="?on_same=skip"
    ).json()
    assert (receipt["received"], receipt["created"], receipt["duplicates"]) == (3, 1, 2)
    assert receipt["warnings"] == []
    receipt = send(client, draft, lines(pair("s4", "x2", "x1")), query="?on_same=skip").json()
    assert (receipt["created"], receipt["duplicates"]) == (0, 1)
    with planes.in_workspace(workspace_a.pk):
        assert [item.external_id for item in Item.objects.all()] == ["s1"]


def test_same_content_may_be_refused(workspace_a, draft):
    """Whole, or by the row, with what it repeats."""
    client = workspace_a.client
    with nothing_changes():
        response = send(client, draft, lines(*SWAPPED), query="?on_same=refuse")
    assert (response.status_code, response.json()["code"]) == (400, "rejected")
    (error,) = response.json()["errors"]
    assert (error["row"], error["field"]) == (2, "item")
    assert "Row 1" in error["message"]
    query = "?on_same=refuse&on_error=skip"
    receipt = send(client, draft, lines(*SWAPPED), query=query).json()
    assert (receipt["created"], receipt["rejected_count"]) == (1, 1)
    receipt = send(client, draft, lines(pair("s3", "x2", "x1")), query=query).json()
    assert "An item of the project" in receipt["rejected"][0]["message"]


def test_on_same_is_one_of_three(workspace_a, draft):
    with nothing_changes():
        response = send(workspace_a.client, draft, lines(*SWAPPED), query="?on_same=drop")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "on_same")


def test_the_choice_is_part_of_what_an_idempotency_key_stands_for(workspace_a, draft):
    key = {"HTTP_IDEMPOTENCY_KEY": "k"}
    first = send(workspace_a.client, draft, lines(*SWAPPED), **key)
    with nothing_changes():
        again = send(workspace_a.client, draft, lines(*SWAPPED), **key)
        other = send(workspace_a.client, draft, lines(*SWAPPED), query="?on_same=skip", **key)
    assert again.json() == first.json()
    assert other.status_code == 422


def test_texts_that_nobody_can_tell_apart_are_no_pair(workspace_a, draft):
    body = lines(make_item(1), pair("p", "Caf\u00e9.", "Cafe\u0301.\r\n"))
    with nothing_changes():
        response = send(workspace_a.client, draft, body)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["row"], error["field"]) == (400, 2, "responses[1]")


def test_null_in_a_message_is_absent(workspace_a, draft):
    prompt = [{"role": "user", "content": "Name a tide table.", "name": None}]
    response = send(workspace_a.client, draft, lines(make_item(1, prompt=prompt)))
    assert response.status_code == 201, response.content


def test_the_key_is_looked_up_once_before_the_body_and_once_after(workspace_a, draft, queries):
    with queries() as seen:
        assert send(workspace_a.client, draft, lines(*make_items(2))).status_code == 201
    assert sum("door_api_key(" in text for text in seen.texts) == 2, seen


def test_the_receipt_is_kept_with_its_warnings(workspace_a, draft):
    receipt = send(workspace_a.client, draft, lines(LEAKING)).json()
    with planes.in_workspace(workspace_a.pk):
        kept = Import.objects.get(batch=draft).warnings
    assert json.loads(json.dumps(kept)) == receipt["warnings"]
