"""Pairs and copied texts are found by the job that recomputes figures, once, and again only when there is much more."""

import random
from typing import Any

import pytest

from projects.plan.models import Project
from projects.quality.alerts import affected, services
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from projects.quality.alerts.searches.copies import copies_in
from projects.quality.alerts.searches.written import Written
from projects.quality.annotators import refresh_annotators
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator, make_annotator

TEXT = "The first response explains each step of the proof and names the theorem {}."


def alerts(project: Project) -> list[Alert]:
    with planes.in_workspace(project.workspace_id):
        return list(Alert.objects.filter(project=project).select_related("enrollment"))


def refresh(project: Project) -> None:
    with planes.in_workspace(project.workspace_id):
        refresh_annotators(project_id=project.pk)


def written(*texts: tuple[str, str]) -> list[Written]:
    """Texts by these people, in answers called 0, 1, 2 …"""
    return [Written(str(number), who, text) for number, (who, text) in enumerate(texts)]


def test_what_counts_as_a_copy() -> None:
    mine = [("ada", TEXT.format(f"of {name} in 1{n}")) for n, name in enumerate("abcdefghijkl")]
    assert copies_in(written(*mine)) == {}, "different texts"
    stock = [(who, TEXT) for who in ("ada", "ben", "cleo", "dan")] * 5
    assert copies_in(written(*stock)) == {}, "what four people write is a stock phrase"
    two = [(who, TEXT.format(n) * 2) for who in ("ada", "ben") for n in ("one", "two", "three")]
    found = copies_in(written(*two))
    assert {who: (one.count, one.others) for who, one in found.items()} == {
        "ada": (3, {"ben"}),
        "ben": (3, {"ada"}),
    }
    assert found["ada"].annotations == {"0", "1", "2"}
    assert found["ada"].groups == [["0", "3"], ["1", "4"], ["2", "5"]]
    assert copies_in(written(*two[:2], *two[3:5])) == {}, "two shared texts are too few"
    again = [("ada", TEXT)] * 10
    assert copies_in(written(*again))["ada"].count == 10
    many = [("ada", " ".join(random.Random(n).choices("abcdefghij", k=30))) for n in range(11)]
    assert copies_in(written(*again, *many)) == {}, "less than half of what she wrote"


def answer(annotator: Annotator, reason: str, choice: int = 0) -> None:
    assert annotator.submit(annotator.lease() or {}, choice, reason).status_code == 201


def test_copied_texts_open_alerts_with_names(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], deliver: Any
) -> None:
    make_batch(project, 8)
    ada, ben, cleo = annotators
    for number in ("one", "two", "three"):
        answer(ada, TEXT.format(number) * 3)
        answer(ben, TEXT.format(number).upper() * 3)
        answer(cleo, "")
    refresh(project)
    found = {one.enrollment.pseudonym: one for one in alerts(project) if one.enrollment}
    assert set(found) == {ada.enrollment.pseudonym, ben.enrollment.pseudonym}
    evidence = Evidence.restore(found[ada.enrollment.pseudonym].evidence)
    assert (evidence.count, evidence.others) == (3, (ben.enrollment.pseudonym,))
    refresh(project)
    assert len(alerts(project)) == 2, "one of a kind is open at a time"
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        for one in found.values():
            services.lift(alert=one, note="A template of ours.", actor_id=workspace_a.owner.pk)
    refresh(project)
    assert len(alerts(project)) == 2, "what was decided is not asked again"
    for number in ("four", "five"):
        answer(ada, TEXT.format(number) * 3)
        answer(ben, TEXT.format(number) * 3)
    refresh(project)
    assert len(alerts(project)) == 4, "unless there is much more"


@pytest.mark.slow
def test_a_pair_who_share_odd_answers_is_found(workspace_a: Tenant, deliver: Any) -> None:
    """Of five who answer each item, two say the same against all others in two fifths of the items."""
    project = make_project(workspace_a, overlap=5)
    make_batch(project, 60)
    crew = [make_annotator(project, name) for name in ("Ada", "Ben", "Cleo", "Dan", "Eve")]
    for number, annotator in enumerate(crew):
        while lease := annotator.lease():
            item = int(lease["prompt"][0]["content"].split()[1].rstrip("?"))
            own_slip = item % 15 == number
            odd = (number < 2 and item % 5 < 2) != own_slip
            annotator.prefer(lease, f"{'Second' if odd else 'First'} answer to {item}.")
    refresh(project)
    found = [one for one in alerts(project) if one.kind == "pair"]
    names = {one.enrollment.pseudonym for one in found if one.enrollment}
    assert names == {crew[0].enrollment.pseudonym, crew[1].enrollment.pseudonym}
    evidence = Evidence.restore(found[0].evidence)
    assert evidence.count >= 10 and evidence.expected < evidence.count / 2
    with planes.in_workspace(workspace_a.pk):
        shared = affected.answers(found[0]).select_related("item")
        items = {int(row.item.external_id.split("-")[1]) for row in shared}
    assert len(items) == evidence.count
    assert all(number % 5 < 2 for number in items), "where both said the odd answer"
