"""A round is drawn for those who wait: of items that they have not had, and whom it reaches is said before funding."""

import uuid
from collections.abc import Callable

from django.test import Client

from projects.calibration.models import RoundItem
from projects.calibration.reach import losses_of, reach_of
from projects.plan.models import Project
from projects.work.models import Lease
from rlhfhub.tenancy import planes
from tests.calibration import acts, made
from tests.calibration.reading import text_of
from tests.factories import Tenant, publish_guidelines
from tests.people import make_annotator

Deliver = Callable[[], int]


def test_a_round_is_drawn_for_those_who_wait(asking: Project, deliver: Deliver) -> None:
    """All 40 items were in the first round, and one person has had some: the next one is drawn from the others."""
    made.open_round(asking, seats=1)
    annotator = acts.passed(asking, deliver)
    publish_guidelines(asking, "# Be fairer", "major")
    acts.accept(annotator)
    draft = made.make_round(asking, seats=2)
    with planes.in_workspace(asking.workspace_id):
        drawn = RoundItem.objects.filter(round=draft, attempt=1).values("item")
        assert not Lease.objects.filter(item__in=drawn, enrollment=annotator.enrollment.pk).exists()
        assert (reach_of(draft).waiting, reach_of(draft).able) == (1, 1)


def test_before_funding_a_round_says_who_can_take_it(
    owner: Client, root: str, workspace_a: Tenant, asking: Project, deliver: Deliver
) -> None:
    """Bo has had all items of both sets; Ada has had some of the first."""
    made.open_round(asking, seats=2, wait_hours=0)
    acts.passed(asking, deliver)
    bo = make_annotator(asking, "Bo")
    made.answer(bo, made.wrong)
    deliver()
    acts.retake(bo)
    made.answer(bo, made.right)
    deliver()
    assert made.attempt_of(bo).state == "passed"
    publish_guidelines(asking, "# Be fairer", "major")
    with planes.in_workspace(asking.workspace_id):
        new = 2 * made.ITEMS - Lease.objects.values("item").distinct().count()
    planned = text_of(owner.get(f"{root}projects/{asking.pk}/calibration/new/"))
    assert f"New to the 2 annotators who wait for a round</dt> <dd> {new} </dd>" in planned
    assert f"for that, {made.ITEMS - new} more keyed items are needed" in planned
    draft = made.make_round(asking, seats=2)
    page = text_of(owner.get(f"{root}rounds/{draft.pk}/"))
    assert "1 of the 2 annotators who wait can take this round." in page
    assert "1 has had some of its items" in page
    told = workspace_a.client.get(f"/api/v1/rounds/{draft.pk}/").json()
    assert told["reach"] == {"waiting": 2, "able": 1}


def test_whom_a_draw_keeps_out_has_had_most() -> None:
    """An item that only the most exposed person has had costs less than one that somebody else has had."""
    much, little = uuid.UUID(int=2), uuid.UUID(int=1)
    items = [uuid.UUID(int=n) for n in range(10, 14)]
    had = {items[0]: {much}, items[1]: {much}, items[2]: {little}, items[3]: {much, little}}
    assert losses_of(had) == {items[0]: 1, items[1]: 1, items[2]: 2, items[3]: 2}
