"""After a major version, pages say that a round is needed and who waits; rounds of older rules claim nothing."""

from collections.abc import Callable

import pytest
from django.test import Client

from projects.calibration.funnels import funnel_of, funnel_of_project
from projects.calibration.gate import gate_of
from projects.calibration.models import Round
from projects.calibration.needs import needed_round
from projects.calibration.services import rounds
from projects.items import services as batches
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.calibration import acts, made
from tests.calibration.reading import text_of
from tests.factories import make_batch, publish_guidelines
from tests.pages.conftest import browser_of

Deliver = Callable[[], int]
NEEDS = "Version 2 of the guidelines changed the rules and needs a calibration round: 2 annotators wait."


def publish_major(project: Project) -> None:
    publish_guidelines(project, "# Be fair\n\nRead both.", "major")


def test_a_major_version_asks_for_a_round_on_every_page(
    owner: Client, root: str, asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking)
    ada, _ben = acts.passed(asking, deliver), acts.passed(asking, deliver, "Ben")
    make_batch(asking, 3)
    made.answer(ada, made.always(0), most=1)
    deliver()
    project = f"{root}projects/{asking.pk}/"
    pages = [project, f"{project}quality/", f"{project}calibration/"]
    before = [text_of(owner.get(page)) for page in pages]
    publish_major(asking)
    acts.accept(ada)
    after = [text_of(owner.get(page)) for page in pages]
    like = f'href="{project}calibration/new/?like={opened.pk}">Make a round like Round 1</a>'
    assert [NEEDS in text for text in before + after] == [False] * 3 + [True] * 3
    assert all(like in text for text in after)
    desk = text_of(browser_of(ada.user).get(f"/work/{ada.enrollment.pk}/"))
    assert "You will calibrate once more" in desk and "has not begun" not in desk
    made.make_pool(asking, 2 * made.ITEMS, first=101)
    draft = made.make_round(asking)
    link = f'href="{root}rounds/{draft.pk}/">Fund and open Round 2</a>'
    assert link in text_of(owner.get(project))


def test_a_round_of_older_rules_lets_no_batch_open(
    owner: Client, root: str, asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking)
    acts.passed(asking, deliver)
    page = f"{root}rounds/{opened.pk}/"
    assert "Batches of your data may open: 1 annotator passed" in text_of(owner.get(page))
    make_batch(asking, 1)
    second = make_batch(asking, 1, first=50, open=False)
    assert working_in(asking, opened) == (1, 1)
    publish_major(asking)
    assert working_in(asking, opened) == (0, 0), "the rules changed: nobody is given an item"
    shown = text_of(owner.get(page))
    assert "Version 2 of the guidelines changed the rules since Round 1." in shown
    assert "The 1 that is open stays open." in shown and "may open: 1" not in shown
    with planes.in_workspace(asking.workspace_id), pytest.raises(Refused, match="Make a new round"):
        batches.open_batch(batch=second, actor_id=None)


def working_in(project: Project, of: Round) -> tuple[int, int]:
    """How many work now, as the funnels of a round and of its project say."""
    with planes.in_workspace(project.workspace_id):
        whole = funnel_of_project(project)
        assert whole is not None
        return funnel_of(of).working, whole.stages[-1].count


def test_only_the_newest_round_decides(
    owner: Client, root: str, asking: Project, deliver: Deliver
) -> None:
    first = made.open_round(asking)
    acts.passed(asking, deliver)
    second = made.open_round(asking)
    shown = text_of(owner.get(f"{root}rounds/{first.pk}/"))
    assert "This round no longer decides" in shown and "Round 2 decides" in shown
    assert "Override as an owner" not in shown
    with planes.in_workspace(asking.workspace_id):
        gates = [gate_of(Round.objects.get(pk=of.pk)) for of in (first, second)]
    assert [(gate.decides, gate.is_open) for gate in gates] == [(False, False), (True, False)]


def test_who_waits_while_no_round_is_open_is_counted(asking: Project, deliver: Deliver) -> None:
    """Not who failed, and nobody while a round is open."""
    opened = made.open_round(asking, seats=2)
    acts.failed(asking, deliver)
    acts.passed(asking, deliver)
    made.make_annotators(asking, 1)
    with planes.in_workspace(asking.workspace_id):
        assert needed_round(asking) is None
        rounds.close_round(of=opened, actor_id=None)
        needed = needed_round(asking)
    assert needed is not None
    assert needed.words == "No calibration round is open: 1 annotator waits."


def test_who_publishes_a_major_version_is_told_first(
    owner: Client, root: str, asking: Project
) -> None:
    page = f"{root}projects/{asking.pk}/guidelines/"
    words = "nobody works on your data before you fund and open a new round"
    assert words in text_of(owner.get(page))
    owner.post(page, {"action": "save", "text": "# Be fairer", "change": "major"})
    assert text_of(owner.get(page)).count(words) == 2
