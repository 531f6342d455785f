"""Pairs and copied texts are found by the job that recomputes figures, once, and again only when there is much more."""

import random
from typing import Any, ClassVar

import pytest

from projects.plan.models import Project
from projects.quality.alerts import affected, services, words
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from projects.quality.alerts.searches import pairs
from projects.quality.alerts.searches.copies import copies_in
from projects.quality.alerts.searches.found import Found, open_alerts
from projects.quality.alerts.searches.written import Written
from projects.quality.annotators import refresh_annotators
from projects.stats.pairs import Pair
from rlhfhub.ground.ids import uuid7
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


class _Faceted:
    """What the search reads of a question with two facets an item."""

    units: ClassVar = [(f"item-{unit // 2}", f"q@{unit % 2}") for unit in range(8)]
    annotators: ClassVar = ["ada", "ben", "cleo"]


def test_a_pair_is_counted_in_items_whatever_the_number_of_facets() -> None:
    """Both facets of item 0 are shared with Ben, and one of item 1; with Cleo one of item 1 and one of item 2."""
    question: Any = _Faceted()
    with_ben = Pair(0, 1, (0, 1, 2, 4), (0.5, 0.5, 0.2, 0.0), (0, 1, 2), 0.01)
    with_cleo = Pair(0, 2, (3, 5, 6), (0.5, 0.0, 0.1), (3, 5), 0.01)
    beside = pairs.beside(question, [with_ben, with_cleo])
    ben = beside["ben"].found()
    assert (ben.count, ben.of, ben.others) == (2, 3, {"ada"})
    assert ben.expected == pytest.approx((1 - 0.5 * 0.5) + 0.2)
    ada = beside["ada"].found()
    assert (ada.count, ada.of, ada.others) == (3, 4, {"ben", "cleo"})
    assert ada.expected == pytest.approx(0.75 + (1 - 0.8 * 0.5) + 0.1)
    evidence = Evidence(count=ben.count, of=ben.of, expected=ben.expected, others=("A-1",))
    assert words.title("pair", "A-2", evidence) == (
        "A-2 and A-1 gave the same answer against all others to 2 of the 3 items that they answered together; "
        "chance explains about 0.9."
    )
    assert "fewer than 30 items together" in words.chance("pair", evidence)


def test_all_answers_that_a_search_found_are_kept(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    """However many: the alert's list pages through them."""
    ids = {str(uuid7()) for _ in range(1000)}
    who = str(annotators[0].enrollment.pk)
    with planes.in_workspace(workspace_a.pk):
        open_alerts(project.pk, "copies", {who: Found(1000, of=1200, annotations=ids)})
    [alert] = alerts(project)
    assert {str(one) for one in alert.annotations} == ids
    assert Evidence.restore(alert.evidence).count == 1000


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
    assert evidence.of == 60, "the items that both have answered"
    with planes.in_workspace(workspace_a.pk):
        shared = affected.answers(found[0]).select_related("item")
        items = {int(row.item.external_id.split("-")[1]) for row in shared}
    assert len(items) == evidence.count
    assert all(number % 5 < 2 for number in items), "where both said the odd answer"
