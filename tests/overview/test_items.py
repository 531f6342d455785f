"""The page of a project's items and REST's list of them: which filters find which items."""

from typing import Any

import pytest
from django.test import Client

from projects.items import metadata
from projects.items.models import Batch, MetadataValue
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.adjudications import adjudicate, item_of, prefers, withdraw
from tests.factories import Tenant, import_items, make_batch, make_item, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator


def named(tenant: Tenant, project: Project, **query: Any) -> list[str]:
    """Return the external ids that REST lists."""
    response = tenant.client.get(f"/api/v1/projects/{project.pk}/items/", query)
    assert response.status_code == 200, response.content
    return [row["external_id"] for row in response.json()["results"]]


def test_items_are_found_by_what_their_answers_say(
    workspace_a: Tenant, project: Project, judged: Batch, annotators: list[Annotator]
) -> None:
    """Of VERDICTS, item 3 is a tie, items 4 and 5 have no majority."""
    assert named(workspace_a, project) == [f"item-{n}" for n in range(1, 6)]
    assert sorted(named(workspace_a, project, show="contested")) == ["item-4", "item-5"]
    assert named(workspace_a, project, show="tied") == ["item-3"]
    assert named(workspace_a, project, show="unanswered") == []
    more = make_batch(project, 2, first=50)
    assert sorted(named(workspace_a, project, show="unanswered")) == ["item-50", "item-51"]
    assert named(workspace_a, project, batch=str(more.pk)) == ["item-50", "item-51"]
    assert named(workspace_a, project, batch=str(more.pk), show="contested") == []
    while (lease := annotators[0].lease())["prompt"][-1]["content"] != "Question 50?":
        annotators[0].submit(lease)
    annotators[0].submit(lease)
    assert named(workspace_a, project, show="unanswered") == ["item-51"]


def test_items_are_found_by_how_their_external_id_begins(
    workspace_a: Tenant, project: Project
) -> None:
    """To the letter: no wildcard is one, and case matters."""
    batch = make_batch(project, 0)
    ids = ["a%b", "a_b", "ab", "aB", "a", "b", "é", "éa", "\U0010ffff", "\U0010ffff1", "\ud7ff"]
    import_items(batch, [make_item(0, external_id=name) for name in ids])
    for prefix in ["a", "a%", "a_", "A", "ab", "é", "\U0010ffff", "\ud7ff", "zz"]:
        found = named(workspace_a, project, external_id=prefix)
        assert found == sorted(name for name in ids if name.startswith(prefix)), prefix


def test_what_is_returned_is_found_and_counted(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator]
) -> None:
    for annotator in annotators[:2]:
        lease = annotator.lease()
        path = f"/api/v1/desk/leases/{lease['id']}/return/"
        assert annotator.client.post(path, {"reason": "technical"}).status_code == 204
    assert named(workspace_a, project, show="returned") == ["item-1"]
    rows = workspace_a.client.get(f"/api/v1/projects/{project.pk}/items/").json()["results"]
    assert [row["returned"] for row in rows] == [2, 0, 0, 0, 0]


def test_what_a_reviewer_decided_is_found_until_it_is_withdrawn(
    workspace_a: Tenant, project: Project, judged: Batch
) -> None:
    for name in ("item-2", "item-4", "item-5"):
        adjudicate(workspace_a, item_of(workspace_a, name).pk, prefers(0))
    withdraw(workspace_a, item_of(workspace_a, "item-4").pk)
    adjudicate(workspace_a, item_of(workspace_a, "item-5").pk, prefers(1), seen=1)
    assert sorted(named(workspace_a, project, show="adjudicated")) == ["item-2", "item-5"]
    found = named(
        workspace_a, project, show="adjudicated", batch=str(judged.pk), external_id="item-5"
    )
    assert found == ["item-5"]


@pytest.mark.slow
def test_pages_hold_every_item_once(workspace_a: Tenant, project: Project, judged: Batch) -> None:
    for name in ("item-1", "item-2", "item-5"):
        adjudicate(workspace_a, item_of(workspace_a, name).pk, prefers(0))
    shows = [{"show": "contested"}, {"show": "adjudicated"}]
    for query in [{}, {"external_id": "item"}, {"batch": str(judged.pk)}, *shows]:
        whole = named(workspace_a, project, **query)
        path, walked = f"/api/v1/projects/{project.pk}/items/", []
        response = workspace_a.client.get(path, {**query, "page_size": "2"})
        while True:
            page = response.json()
            assert len(page["results"]) <= 2
            walked += [row["external_id"] for row in page["results"]]
            if not page["next"]:
                break
            response = workspace_a.client.get(page["next"])
        assert walked == whole, query


@pytest.mark.parametrize("cursor", ["x", "\0", "-1", "9" * 40])
def test_a_crafted_cursor_is_refused(
    workspace_a: Tenant, project: Project, batch: Batch, owner: Client, cursor: str
) -> None:
    path = f"/api/v1/projects/{project.pk}/items/"
    page = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/items/"
    for query in [{"show": "contested"}, {"batch": str(batch.pk)}]:
        assert workspace_a.client.get(path, {**query, "cursor": cursor}).status_code == 400
        assert owner.get(page, {**query, "cursor": cursor}).status_code == 404


@pytest.mark.parametrize(
    "query", [{"show": "x"}, {"key": "undeclared"}, {"batch": "x"}, {"page_size": "0"}]
)
def test_filters_that_make_no_sense_are_refused_by_name(
    workspace_a: Tenant, project: Project, query: dict[str, str]
) -> None:
    response = workspace_a.client.get(f"/api/v1/projects/{project.pk}/items/", query)
    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == set(query)


class TestMetadata:
    """Declared keys, kept as text."""

    def _declare(self, tenant: Tenant, project: Project, *keys: str) -> Any:
        path = f"/api/v1/projects/{project.pk}/metadata-keys/"
        return tenant.client.put(path, {"keys": list(keys)})

    def test_values_are_kept_of_items_before_and_after(
        self, workspace_a: Tenant, project: Project
    ) -> None:
        def items(first: int) -> list[dict[str, Any]]:
            metadata = [{"n": 1, "lang": "de"}, {"n": "1", "lang": None}, {"on": True}, {}]
            return [make_item(first + n, metadata=said) for n, said in enumerate(metadata)]

        batch = make_batch(project, 0)
        import_items(batch, items(1))
        assert self._declare(workspace_a, project, "n", "lang", "on").status_code == 200
        import_items(batch, items(11))
        for key, value, numbers in [
            ("n", "1", [1, 2, 11, 12]),
            ("lang", "de", [1, 11]),
            ("on", "true", [3, 13]),
            ("lang", "", []),
        ]:
            found = named(workspace_a, project, key=key, value=value)
            assert sorted(found) == sorted(f"item-{n}" for n in numbers), (key, value)
        found = named(workspace_a, project, key="n", value="1", external_id="item-1")
        assert sorted(found) == ["item-1", "item-11", "item-12"]

    def test_what_is_no_longer_declared_is_removed(
        self, workspace_a: Tenant, project: Project
    ) -> None:
        batch = make_batch(project, 0)
        import_items(batch, [make_item(1, metadata={"a": "x", "b": "y"})])
        self._declare(workspace_a, project, "a")
        answer = self._declare(workspace_a, project, "b")
        assert answer.json() == {"keys": ["b"]}
        with planes.in_workspace(workspace_a.pk):
            assert [(row.key, row.value) for row in MetadataValue.objects.all()] == [("b", "y")]
        refused = workspace_a.client.get(
            f"/api/v1/projects/{project.pk}/items/", {"key": "a", "value": "x"}
        )
        assert refused.status_code == 400

    def test_values_are_of_the_project_alone(self, workspace_a: Tenant, project: Project) -> None:
        other = make_project(workspace_a)
        import_items(make_batch(other, 0), [make_item(1, metadata={"a": "x"})])
        self._declare(workspace_a, project, "a")
        assert named(workspace_a, project, key="a", value="x") == []

    def test_a_long_value_is_found_by_its_beginning(
        self, workspace_a: Tenant, project: Project
    ) -> None:
        import_items(make_batch(project, 0), [make_item(1, metadata={"a": "x" * 5000})])
        self._declare(workspace_a, project, "a")
        assert named(workspace_a, project, key="a", value="x" * 200) == ["item-1"]

    @pytest.mark.parametrize("keys", [["a"] * 2, [""], ["a" * 61], list("abcdefghi")])
    def test_wrong_keys_are_refused(
        self, workspace_a: Tenant, project: Project, keys: list[str]
    ) -> None:
        assert self._declare(workspace_a, project, *keys).status_code == 400
        with planes.in_workspace(workspace_a.pk), pytest.raises(Refused):
            metadata.declare_keys(project=project, keys=keys, actor_id=None)

    def test_managers_declare_them_on_the_page(
        self, workspace_a: Tenant, project: Project, owner: Client
    ) -> None:
        page = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/items/"
        assert owner.post(page, {"keys": "lang\r\n\r\n topic "}).status_code == 303
        shown = owner.get(page)
        assert "lang, topic" in shown.content.decode()
        assert owner.post(page, {"keys": "\n".join("abcdefghi")}).status_code == 422
        viewer = browser_of(people.make_member(workspace_a.workspace, "viewer"))
        assert viewer.get(page).status_code == 200
        assert viewer.post(page, {"keys": "x"}).status_code == 403


def test_the_page_lists_and_filters(
    workspace_a: Tenant, project: Project, judged: Batch, owner: Client
) -> None:
    page = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/items/"
    said = owner.get(page).content.decode()
    assert all(f"item-{n}" in said for n in range(1, 6)) and "B is better" in said
    contested = owner.get(page, {"show": "contested"}).content.decode()
    assert "item-4" in contested and "item-1" not in contested
    assert owner.get(page, {"show": "nothing"}).status_code == 422


def test_another_projects_batch_lists_nothing(
    workspace_a: Tenant, project: Project, owner: Client
) -> None:
    other = make_batch(make_project(workspace_a), 1)
    query = {"batch": str(other.pk)}
    answer = workspace_a.client.get(f"/api/v1/projects/{project.pk}/items/", query)
    assert answer.status_code == 400
    page = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/items/"
    assert owner.get(page, query).status_code == 404


def test_items_are_listed_before_funding(
    workspace_a: Tenant, project: Project, owner: Client
) -> None:
    make_batch(project, 2, fund=False)
    assert named(workspace_a, project) == ["item-1", "item-2"]
    page = owner.get(f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/items/")
    assert "Question 1?" in page.content.decode()


def test_a_question_without_ties_has_none_to_show(workspace_a: Tenant) -> None:
    forced = make_project(workspace_a, template="pairwise_forced")
    answer = workspace_a.client.get(f"/api/v1/projects/{forced.pk}/items/", {"show": "tied"})
    assert answer.status_code == 400
