"""Right answers that somebody has read after a verdict: said on the round's page, and no gold any more."""

from collections.abc import Callable

from django.test import Client

from billing.funding import gold
from projects.calibration.selectors import told_items
from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality.gold.overview import gold_of_project
from rlhfhub.tenancy import planes
from tests.calibration import acts, made
from tests.calibration.reading import text_of
from tests.factories import make_batch
from tests.pages.conftest import browser_of
from tests.people import make_annotator

Deliver = Callable[[], int]


def test_items_whose_right_answer_was_read_are_no_gold(asking: Project, deliver: Deliver) -> None:
    """Those of a running attempt can be: its annotator has read none."""
    made.open_round(asking)
    running = make_annotator(asking, "Bo")
    made.answer(running, made.right, most=2)
    deliver()
    batch = make_batch(asking, 10, fund=False)
    with planes.in_workspace(asking.workspace_id):
        assert told_items(asking.pk) == set()
        read = Batch.objects.select_related("project__form").get(pk=batch.pk)
        assert gold.supply_of(read, 1).there == 2 * made.ITEMS
    annotator = acts.passed(asking, deliver)
    with planes.in_workspace(asking.workspace_id):
        told = told_items(asking.pk)
        assert len(told) == made.attempt_of(annotator).seen
        assert gold.supply_of(read, 1).there == 2 * made.ITEMS - len(told)
        project = Project.objects.select_related("form").get(pk=asking.pk)
        assert gold_of_project(project).usable == 2 * made.ITEMS - len(told)


def test_the_round_says_how_many_could_tell_others(
    owner: Client, root: str, asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking, seats=2)
    page = f"{root}rounds/{opened.pk}/"
    assert "could tell others" not in text_of(owner.get(page))
    acts.passed(asking, deliver)
    make_annotator(asking, "Bo")
    words = (
        "1 annotator has read right answers of this round after the verdict, and could tell others"
    )
    assert f"{words}: 1 still answers in it." in text_of(owner.get(page))


def test_feedback_says_why_an_answer_did_not_decide(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = make_annotator(asking, "Ada")
    made.answer(annotator, made.right)
    deliver()
    own = text_of(browser_of(annotator.user).get(f"/work/{annotator.enrollment.pk}/calibration/"))
    after = "This answer did not decide: it came after the verdict."
    assert own.count(after) == made.ITEMS - made.attempt_of(annotator).seen > 0
    assert "no right answer was certain" not in own
