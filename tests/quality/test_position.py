"""The position effect of a project: by the order that each annotator saw, from the tallies to REST and the page."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality.models import Tally
from projects.quality.tasks import refresh
from projects.stats.position import position_effect
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator


def _answer(annotators: list[Annotator], choose: Callable[[int], int | str]) -> list[int | str]:
    """Everybody answers everything; returns the shown positions chosen."""
    chosen = []
    for annotator in annotators:
        while lease := annotator.lease():
            chosen.append(choose(len(chosen)))
            assert annotator.submit(lease, chosen[-1]).status_code == 201
    return chosen


def test_it_is_counted_by_what_was_shown_first(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator], deliver: Any
) -> None:
    chosen = _answer(annotators, lambda n: ("tie", 0, 0, 1)[n % 4])
    deliver()
    refresh()
    first, decided = chosen.count(0), len(chosen) - chosen.count("tie")
    with planes.in_workspace(workspace_a.pk):
        orders = {tuple(row.lease.shown) for row in Annotation.objects.select_related("lease")}
        tallies = list(Tally.objects.all())
    assert orders == {(0, 1), (1, 0)}, "both orders were drawn"
    assert sum(tally.chose_first for tally in tallies) == first
    assert sum(tally.decided for tally in tallies) == decided
    answer = workspace_a.client.get(f"/api/v1/projects/{project.pk}/agreement/").json()
    effect = position_effect(first, decided)
    assert effect
    assert answer["project"]["position"] == {
        "decided": decided,
        "chose_first": first,
        "share": effect.share,
        "low": effect.low,
        "high": effect.high,
    }
    browser: Client = browser_of(workspace_a.owner)
    page = browser.get(f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/")
    words = " ".join(page.content.decode().split())
    assert (
        f'Chose the response shown first</dt> <dd> <span class="figure-lines">{effect.share * 100:.0f} %'
        in words
    )


def test_ties_alone_have_none(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator], deliver: Any
) -> None:
    _answer(annotators, lambda n: "tie")
    deliver()
    refresh()
    answer = workspace_a.client.get(f"/api/v1/projects/{project.pk}/agreement/").json()
    assert answer["project"]["position"] is None
