"""Right answers: given on an item, imported with rows, unanimous or not, retired and restored, and never changed."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from projects.items.keys import selectors, services
from projects.items.models import Batch, Item, Key
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import gold, people
from tests.api.uploads import lines
from tests.factories import Tenant, make_batch, make_item, make_project
from tests.pages.conftest import browser_of

FIRST = {"preference": {"choice": "0"}}


def send(tenant: Tenant, project: Project, *rows: dict[str, Any]) -> Any:
    """The response to the upload of these rows."""
    return tenant.client.post(
        f"/api/v1/projects/{project.pk}/keys/", lines(*rows), content_type="application/x-ndjson"
    )


def keys_in(project: Project) -> list[tuple[str, str, str, Any]]:
    with planes.in_workspace(project.workspace_id):
        rows = Key.objects.filter(project=project).select_related("item")
        found = [(key.item.external_id, key.by, key.rule, key.answer) for key in rows]
    return sorted(found, key=lambda key: key[:2])


def item_of(batch: Batch) -> Item:
    with planes.in_workspace(batch.workspace_id):
        return Item.objects.filter(batch=batch).select_related("project__form").earliest("seq")


def test_rows_bring_their_right_answers(workspace_a: Tenant, project: Project) -> None:
    named = [
        {"by": "Ann", "answer": {"preference": {"choice": "1"}}, "rule": "R3", "note": "See R3."},
        {"by": "Bo", "answer": {"preference": {"choice": "tie"}}},
    ]
    response = send(
        workspace_a,
        project,
        make_item(1, key=FIRST),
        make_item(2, key=named),
        make_item(3, key=named[:1]),
    )
    assert response.status_code == 201, response.content
    receipt = response.json()
    assert (receipt["received"], receipt["created"], receipt["keys"]) == (3, 3, 4)
    assert keys_in(project) == [
        ("key:item-1", "unnamed", "", {"choice": 0}),
        ("key:item-2", "Ann", "R3", {"choice": 1}),
        ("key:item-2", "Bo", "", {"choice": "tie"}),
        ("key:item-3", "Ann", "R3", {"choice": 1}),
    ]


def test_another_persons_file_adds_to_the_same_items(workspace_a: Tenant, project: Project) -> None:
    def by(*names: str) -> list[dict[str, Any]]:
        return [{"by": name, "answer": FIRST} for name in names]

    assert send(workspace_a, project, make_item(1, key=by("Ann"))).json()["keys"] == 1
    again = send(
        workspace_a, project, make_item(1, key=by("Ann", "Bo")), make_item(1, key=by("Cy"))
    )
    assert (again.json()["created"], again.json()["duplicates"], again.json()["keys"]) == (0, 2, 2)
    with planes.in_workspace(project.workspace_id):
        read = Project.objects.select_related("form").get(pk=project.pk)
        (item,) = selectors.keyed_items(read)
        assert selectors.keys_of(read, [item.pk])[item.pk].unanimous == {"preference"}
    differs = [{"by": "Bo", "answer": {"preference": {"choice": "1"}}}]
    refused = send(workspace_a, project, make_item(9, key=FIRST), make_item(1, key=differs))
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert (error["row"], error["field"]) == (2, "key")
    assert len(keys_in(project)) == 3, "nothing was stored"


@pytest.mark.parametrize(
    ("key", "field"),
    [
        (None, "key"),
        ("0", "key"),
        ({}, "key"),
        ([], "key"),
        ({"preference": {"choice": "2"}}, "key.preference.choice"),
        ({"preference": {"choice": 0}}, "key.preference.choice"),
        ({"preference": {"choice": "both_bad"}}, "key.preference.choice"),
        ({"quality": 3}, "key.quality"),
        ([{"by": "Ann"}], "key[0].answer"),
        ([{"by": " ", "answer": FIRST}], "key[0].by"),
        ([{"by": "Ann", "answer": FIRST, "rule": "three"}], "key[0].rule"),
        ([{"by": "Ann", "answer": FIRST}, {"by": "Ann", "answer": FIRST}], "key"),
    ],
)
def test_a_key_that_fits_no_form_changes_nothing(
    workspace_a: Tenant, project: Project, key: Any, field: str
) -> None:
    response = send(workspace_a, project, make_item(1, key=FIRST), make_item(2, key=key))
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["row"], error["field"]) == (2, field), error
    assert keys_in(project) == []
    with planes.in_workspace(project.workspace_id):
        assert not Item.every.filter(project=project).exists()


def test_a_batch_takes_no_keys(workspace_a: Tenant, project: Project) -> None:
    draft = make_batch(project, 0)
    path = f"/api/v1/batches/{draft.pk}/items/"
    sent = lines(make_item(1), make_item(2, key=FIRST))
    response = workspace_a.client.post(path, sent, content_type="application/x-ndjson")
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["row"], error["field"]) == (2, "key")
    assert "keyed item" in error["message"]


def test_keyed_items_do_not_repeat_items_of_the_data(workspace_a: Tenant, project: Project) -> None:
    """The same content may be in both, in whichever order it comes: neither import is told of the other."""
    batch = make_batch(project, 2, fund=False)
    receipt = send(workspace_a, project, make_item(1, key=FIRST), make_item(7, key=FIRST)).json()
    assert (receipt["created"], receipt["duplicates"], receipt["warnings"]) == (2, 0, [])
    path = f"/api/v1/batches/{batch.pk}/items/?on_same=skip"
    sent = lines(make_item(7))
    response = workspace_a.client.post(path, sent, content_type="application/x-ndjson").json()
    assert (response["created"], response["duplicates"]) == (1, 0)


def test_the_pool_is_no_batch_of_the_project(workspace_a: Tenant, project: Project) -> None:
    assert send(workspace_a, project, make_item(1, key=FIRST)).status_code == 201
    with planes.in_workspace(project.workspace_id):
        pool = Batch.every.get(project=project, is_pool=True)
        keyed = Item.every.get(project=project)
    client = workspace_a.client
    assert client.get(f"/api/v1/projects/{project.pk}/batches/").json()["results"] == []
    for path in (f"batches/{pool.pk}/", f"batches/{pool.pk}/items/", f"items/{keyed.pk}/"):
        assert client.get(f"/api/v1/{path}").status_code == 404, path
    for verb in ("fund", "open", "close"):
        assert client.post(f"/api/v1/batches/{pool.pk}/{verb}/", {}).status_code == 404, verb
    assert make_batch(project, 0).number == 1


def test_picking_copies_the_item_once(workspace_a: Tenant, batch: Batch) -> None:
    item = item_of(batch)
    keyed = gold.make_keyed(item, people=("Ann", "Bo", "Cy"))
    with planes.in_workspace(batch.workspace_id):
        assert Item.every.filter(batch__is_pool=True).count() == 1
        assert (keyed.external_id, keyed.sha256) == (f"key:{item.external_id}", item.sha256)
        assert Key.objects.filter(item=keyed, source="picked").count() == 3
        with pytest.raises(services.KeyDiffers):
            services.pick(
                item=keyed, answer={"preference": {"choice": "1"}}, by="Bo", actor_id=None
            )
        with pytest.raises(Refused) as refused:
            services.pick(item=item, answer={"preference": {"choice": "5"}}, by="Di", actor_id=None)
    assert refused.value.errors[0]["field"] == "preference.choice"


def test_two_who_agree_or_three_who_differ_are_not_unanimous(batch: Batch) -> None:
    item = item_of(batch)
    project = item.project

    def unanimous(item: Item) -> set[str]:
        with planes.in_workspace(batch.workspace_id):
            return set(selectors.keys_of(project, [item.pk])[item.pk].unanimous)

    keyed = gold.make_keyed(item, people=("Ann", "Bo"))
    assert unanimous(keyed) == set()
    gold.make_keyed(item, people=("Cy",))
    assert unanimous(keyed) == {"preference"}
    gold.make_keyed(item, "1", people=("Di",))
    assert unanimous(keyed) == set()
    with planes.in_workspace(batch.workspace_id):
        wrong = Key.objects.get(item=keyed, by="Di")
        with pytest.raises(Refused):
            services.retire(key=wrong, because=" ", actor_id=None)
        services.retire(key=wrong, because="A slip.", actor_id=None)
    assert unanimous(keyed) == {"preference"}
    with planes.in_workspace(batch.workspace_id):
        services.restore(key=wrong, actor_id=None)
    assert unanimous(keyed) == set()


@pytest.mark.parametrize(
    "change",
    [
        "answer = '{\"choice\": 1}'",
        "by = 'Somebody else'",
        "item_id = gen_random_uuid()",
        "created_at = now()",
    ],
)
def test_a_key_cannot_be_changed(batch: Batch, change: str) -> None:
    gold.make_keyed(item_of(batch), people=("Ann",))
    with pytest.raises(DatabaseError, match=r"not changed|foreign key"), transaction.atomic():
        connection.cursor().execute(f"UPDATE projects_items_key SET {change}")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute("DELETE FROM projects_items_key")


def test_a_key_is_of_an_item_of_the_pool(batch: Batch) -> None:
    item = item_of(batch)
    with planes.in_workspace(batch.workspace_id), pytest.raises(DatabaseError, match="pool"):
        Key.objects.create(
            workspace_id=batch.workspace_id,
            project=item.project,
            item=item,
            question="preference",
            answer={"choice": 0},
            by="Ann",
            source="picked",
        )


def test_who_may_not_edit_sees_no_right_answer(workspace_a: Tenant, batch: Batch) -> None:
    keyed = gold.make_keyed(item_of(batch), people=("Ann",))
    base = f"/w/{workspace_a.workspace.slug}"
    pages = (f"{base}/projects/{batch.project_id}/keys/", f"{base}/keyed-items/{keyed.pk}/")
    for role in ("viewer", "reviewer", "billing"):
        browser = browser_of(people.make_member(workspace_a.workspace, role))
        assert [browser.get(path).status_code for path in pages] == [403, 403], role
        assert (
            "Give the right answer"
            not in browser.get(f"{base}/items/{item_of(batch).pk}/").content.decode()
        )
    reader = people.client_for(people.make_key(workspace_a.workspace, workspace_a.owner, "read"))
    for path in (f"projects/{batch.project_id}/keys/", f"keyed-items/{keyed.pk}/"):
        assert reader.get(f"/api/v1/{path}").status_code == 403, path


def test_a_member_gives_the_right_answer_on_the_items_page(
    workspace_a: Tenant, batch: Batch
) -> None:
    owner, item = browser_of(workspace_a.owner), item_of(batch)
    path = f"/w/{workspace_a.workspace.slug}/items/{item.pk}/"
    assert "Give the right answer" in owner.get(path).content.decode()
    body = {"preference": "1", "reason": "", "by": "Ann", "rule": "R1", "note": "It is shorter."}
    page = owner.post(f"{path}key/", body, follow=True).content.decode()
    assert "The right answer was saved" in page
    assert "It is shorter." in page
    key = keys_in(item.project)[0]
    assert key == (f"key:{item.external_id}", "Ann", "R1", {"choice": 1})
    refused = owner.post(f"{path}key/", {"by": "Bo"}, follow=True).content.decode()
    assert "No question of the form is answered here" in refused


def test_the_list_tells_keys_and_exposures(
    workspace_a: Tenant, project: Project, annotators: list[people.Annotator]
) -> None:
    batch = make_batch(project, 1, plan=gold.PLAN)
    keyed = gold.make_keyed(item_of(batch))
    gold.add_slots(batch, [keyed], gold.Purpose.GOLD)
    ada = annotators[0]
    while lease := ada.lease():
        assert ada.submit(lease).status_code == 201
    (row,) = workspace_a.client.get(f"/api/v1/projects/{project.pk}/keys/").json()["results"]
    assert (row["keys"], row["unanimous"], row["exposures"]) == (3, ["preference"], 1)
    one = workspace_a.client.get(f"/api/v1/keyed-items/{keyed.pk}/").json()
    path = f"/api/v1/keys/{one['keys'][0]['id']}/"
    retired = workspace_a.client.post(f"{path}retire/", {"because": "Two experts dispute it."})
    assert retired.json()["retired_because"] == "Two experts dispute it."
    (row,) = workspace_a.client.get(f"/api/v1/projects/{project.pk}/keys/").json()["results"]
    assert (row["keys"], row["retired"], row["unanimous"]) == (2, 1, [])
    assert workspace_a.client.post(f"{path}restore/", {}).json()["retired_at"] is None


def test_a_rating_is_keyed_too(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, template="ratings")
    with planes.in_workspace(workspace_a.pk):
        form = Project.objects.select_related("form").get(pk=project.pk).form
    assert form
    rated = next(q for q in form.questions if q["kind"] == "rating")
    item = make_item(1, key={rated["name"]: {"0": 4, "1": 2}})
    assert send(workspace_a, project, item).status_code == 201
    assert keys_in(project) == [("key:item-1", "unnamed", "", [4, 2])]
    wrong = send(workspace_a, project, make_item(2, key={rated["name"]: {"0": 4}}))
    assert wrong.json()["errors"][0]["field"] == f"key.{rated['name']}.1"
