"""Self-consistency: first answers against repeats, for a project from any number on, for a person from sixty."""

import uuid
from collections.abc import Callable

import pytest
from django.db import connection

from projects.items.models import Item
from projects.items.services import Plan
from projects.kinds import form as forms
from projects.plan.models import Project
from projects.quality.gold import consistency
from projects.quality.gold.consistency import consistency_from, consistency_of, own_consistency
from projects.stats.kappa import cohen_kappa
from projects.work.models import Purpose
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import Tenant, make_batch
from tests.people import Annotator

ORDERED = forms.scales_of(
    [{"name": "p", "kind": "preference", "scale": "likert5", "title": "P", "allow_tie": True}]
)["p"]


def test_an_ordered_scale_has_weighted_kappa() -> None:
    values = [category.value for category in ORDERED.categories]
    low, high = values[0], values[-1]
    counts = {(low, low): 40, (high, high): 40, (low, values[1]): 10, (low, high): 10}
    found = consistency_from(counts, 100, ORDERED)
    code = {value: index for index, value in enumerate(values)}
    first = [code[pair[0]] for pair, n in counts.items() for _ in range(n)]
    again = [code[pair[1]] for pair, n in counts.items() for _ in range(n)]
    assert found.kappa == cohen_kappa(first, again, len(values), "quadratic")
    assert (found.judgments, found.same, found.share, found.is_weighted) == (100, 80, 0.8, True)
    assert found.kappa.low is not None and found.kappa.value is not None
    assert found.kappa.low < found.kappa.value


def test_one_and_the_same_answer_defines_no_kappa() -> None:
    value = ORDERED.categories[0].value
    found = consistency_from({(value, value): 30}, 30, ORDERED)
    assert (found.share, found.kappa.value) == (1.0, None)


@pytest.fixture
def repeated(
    project: Project, annotators: list[Annotator], deliver: Callable[[], int]
) -> list[uuid.UUID]:
    """Ada repeated four items, and chose otherwise once. Returns her enrollment."""
    ada = annotators[0]
    batch = make_batch(project, 4, plan=Plan(1, share_percent=0, reserve_percent=100))
    choose(ada, {})
    with planes.in_workspace(project.workspace_id):
        items = list(Item.objects.filter(batch=batch).select_related("project").order_by("seq"))
    for item in items:
        gold.add_slots(batch, [gold.make_repeat(item)], Purpose.REPEAT, ada.enrollment)
    make_batch(project, 1, first=101)
    choose(ada, {2: "Second"})
    deliver()
    return [ada.enrollment.pk]


def choose(person: Annotator, otherwise: dict[int, str]) -> None:
    """Answer all: alternately the first and the second response, but `otherwise` for these items."""
    while lease := person.lease():
        number = int(lease["prompt"][0]["content"].split()[1].rstrip("?"))
        usual = "First" if number % 2 == 0 else "Second"
        text = f"{otherwise.get(number, usual)} answer to {number}."
        assert person.prefer(lease, text).status_code == 201


def test_a_project_has_it_from_the_first_repeat_on(
    workspace_a: Tenant, project: Project, repeated: list[uuid.UUID]
) -> None:
    with planes.in_workspace(workspace_a.pk):
        project = Project.objects.select_related("form").get(pk=project.pk)
        scale = forms.scales_of(project.form.questions)["preference"]  # type: ignore[union-attr]
        found = consistency_of(project.pk, "preference", scale)
        assert found is not None
        assert (found.repeats, found.judgments, found.same) == (4, 4, 3)
        assert found.kappa.value == pytest.approx(0.5)
        assert own_consistency(project.pk, "preference", scale, repeated) == {}
        assert consistency_of(project.pk, "another", scale) is None


def test_a_person_has_it_from_sixty_on(
    workspace_a: Tenant,
    project: Project,
    repeated: list[uuid.UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert consistency.PERSON_REPEATS == 60
    monkeypatch.setattr(consistency, "PERSON_REPEATS", 4)
    with planes.in_workspace(workspace_a.pk):
        project = Project.objects.select_related("form").get(pk=project.pk)
        scale = forms.scales_of(project.form.questions)["preference"]  # type: ignore[union-attr]
        (found,) = own_consistency(project.pk, "preference", scale, repeated).values()
        assert (found.repeats, found.same) == (4, 3)
        monkeypatch.setattr(consistency, "PERSON_REPEATS", 5)
        assert own_consistency(project.pk, "preference", scale, repeated) == {}


def test_rest_tells_it(workspace_a: Tenant, project: Project, repeated: list[uuid.UUID]) -> None:
    found = workspace_a.client.get(f"/api/v1/projects/{project.pk}/quality/").json()
    assert found["repeats"]["repeats"] == 4
    assert found["repeats"]["share"] == 0.75
    assert found["repeats"]["kappa"] == pytest.approx(0.5)
    assert found["gold"]["hits"]["judged"] == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM projects_quality_tally")
        assert cursor.fetchone() == (5,), "of five items; repeats are no data"
