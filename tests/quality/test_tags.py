"""Agreement by tag, and of each pair of annotators: Ada, Ben and Cleo agree in English; in German, Cleo differs."""

from typing import Any

import pytest

from projects.items.metadata import declare_keys
from projects.items.models import Item
from projects.items.services import open_batch
from projects.plan.models import Project
from projects.quality import tags
from projects.quality.models import PartAgreement
from projects.quality.tasks import refresh
from rlhfhub.tenancy import planes
from tests.factories import Tenant, fund_batch, import_items, make_batch, make_item
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_annotator

GERMAN, ENGLISH = 6, 12
LANGUAGES = ["de"] * GERMAN + ["en"] * ENGLISH + ["fr"]


@pytest.fixture
def tagged(workspace_a: Tenant, project: Project, deliver: Any) -> list[Annotator]:
    with planes.in_workspace(workspace_a.pk):
        declare_keys(project=project, keys=["language", "absent"], actor_id=None)
    batch = make_batch(project, 0, fund=False, open=False)
    items = [make_item(n, metadata={"language": one}) for n, one in enumerate(LANGUAGES, 1)]
    import_items(batch, items)
    fund_batch(batch)
    with planes.in_workspace(workspace_a.pk):
        open_batch(batch=batch, actor_id=None)
    people = [make_annotator(project, name) for name in ("Ada", "Ben", "Cleo")]
    for person in people:
        while lease := person.lease():
            number = int(lease["prompt"][-1]["content"].removeprefix("Question ").rstrip("?"))
            differs = person is people[2] and number <= GERMAN
            # Of every other item the second response is preferred, so that answers vary.
            said = "First" if (number % 2 == 0) != differs else "Second"
            assert person.prefer(lease, f"{said} answer to {number}.").status_code == 201
    deliver()
    refresh()
    return people


def test_each_common_value_has_its_agreement(workspace_a: Tenant, tagged: list[Annotator]) -> None:
    with planes.in_workspace(workspace_a.pk):
        rows = list(PartAgreement.objects.filter(part="tag"))
        whole = PartAgreement.objects.get(part="version")
    found = {(row.tag_key, row.tag_value): (row.items, row.alpha) for row in rows}
    assert set(found) == {("language", "de"), ("language", "en")}, "one item in French is too few"
    assert found["language", "en"] == (ENGLISH, 1.0)
    assert found["language", "de"][0] == GERMAN
    assert whole.alpha is not None
    assert found["language", "de"][1] < whole.alpha < 1.0  # type: ignore[operator]


def test_only_the_most_common_values_are_kept(
    workspace_a: Tenant, tagged: list[Annotator], monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    monkeypatch.setattr(tags, "MOST_VALUES", 1)
    with planes.in_workspace(workspace_a.pk):
        project.refresh_from_db()
        ids = [str(pk) for pk in Item.objects.filter(project=project).values_list("pk", flat=True)]
        [tag] = tags.tags_of(project, ids)
    assert (tag.value, len(tag.items)) == ("en", ENGLISH)


def test_pages_and_rest_show_tags_and_pairs(
    workspace_a: Tenant, tagged: list[Annotator], project: Project
) -> None:
    place = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/quality/"
    owner = browser_of(workspace_a.owner)
    page = owner.get(place).content.decode()
    assert "By tag" in page and "<bdi>de</bdi>" in page
    cleo = tagged[2].enrollment.pseudonym
    page = owner.get(f"{place}{cleo}/").content.decode()
    assert "Beside each of the others" in page
    assert tagged[0].enrollment.pseudonym in page
    rest = workspace_a.client
    quality = rest.get(f"/api/v1/projects/{project.pk}/quality/").json()
    assert [(one["value"], one["items"]) for one in quality["tags"]] == [("en", 12), ("de", 6)]
    rows = rest.get(f"/api/v1/projects/{project.pk}/annotators/").json()["results"]
    beside = {row["annotator"]: {one["annotator"]: one for one in row["beside"]} for row in rows}
    ada, ben = (one.enrollment.pseudonym for one in tagged[:2])
    assert set(beside[ada]) == {ben, cleo}
    assert beside[ada][ben] == {"annotator": ben, "shared": 19, "agreement": 1.0, "kappa": 1.0}
    assert beside[cleo][ada]["agreement"] == pytest.approx(13 / 19)
    assert beside[cleo][ada]["kappa"] == pytest.approx(beside[ada][cleo]["kappa"])


def test_a_key_declared_later_has_its_tags_without_another_answer(
    workspace_a: Tenant, tagged: list[Annotator], project: Project, deliver: Any
) -> None:
    def tags_now() -> set[str]:
        deliver()
        refresh()
        told = workspace_a.client.get(f"/api/v1/projects/{project.pk}/quality/").json()
        return {one["key"] for one in told["tags"]}

    place = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/quality/"
    owner = browser_of(workspace_a.owner)
    path = f"/api/v1/projects/{project.pk}/metadata-keys/"
    assert workspace_a.client.put(path, {"keys": []}).status_code == 200
    assert tags_now() == set()
    page = owner.get(place).content.decode()
    assert "metadata keys that the project declares" in page and "items/#keys" in page
    assert 'id="keys"' in owner.get(place.replace("quality/", "items/")).content.decode()
    assert workspace_a.client.put(path, {"keys": ["language"]}).status_code == 200
    assert tags_now() == {"language"}


def test_the_quality_page_lists_the_pairs(
    workspace_a: Tenant, tagged: list[Annotator], project: Project
) -> None:
    place = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/quality/"
    owner = browser_of(workspace_a.owner)
    ada, ben, cleo = (one.enrollment.pseudonym for one in tagged)

    def pairs(order: str) -> list[set[str]]:
        found = owner.get(place, {"pairs": order}).context["pairs"]
        return [{one.one, one.other} for one in found]

    alike = {ada, ben}
    assert len(pairs("shared")) == 3, "each pair once"
    assert pairs("high")[0] == alike and pairs("low")[-1] == alike
    assert cleo in pairs("low")[0]
    (first, *_) = owner.get(place).context["pairs"]
    assert first.shared == 19
    assert "Pairs of annotators" in owner.get(place).content.decode()
    assert owner.get(place, {"pairs": "x"}).status_code == 404


def test_the_page_of_a_batch_shows_its_agreement(
    workspace_a: Tenant, tagged: list[Annotator], project: Project
) -> None:
    with planes.in_workspace(workspace_a.pk):
        batch = Item.objects.filter(project=project).first().batch_id  # type: ignore[union-attr]
    slug = workspace_a.workspace.slug
    page = " ".join(
        browser_of(workspace_a.owner).get(f"/w/{slug}/batches/{batch}/").content.decode().split()
    )
    link = f"/w/{slug}/projects/{project.pk}/quality/#by-batch-title"
    assert f'<a href="{link}">Krippendorff’s α</a>' in page
    assert "19 items)" in page
