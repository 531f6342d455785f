"""Two members decide one item at once: one final answer is stored, and the other member is told. Nobody who decides an
item takes it at the same moment.
"""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from projects.items.models import Item
from projects.review.adjudication import services
from projects.review.adjudication.models import Adjudication
from projects.work.models import Annotation
from rlhfhub.events.models import Event
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.adjudications import NOTE, adjudicate, prefers, withdraw
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once, holding
from tests.factories import make_batch, make_project
from tests.people import make_annotator, make_member

pytestmark = pytest.mark.concurrency


def _answered(race: Race) -> uuid.UUID:
    """An item with one answer."""
    batch = race.batch(1)
    lease = race.annotators[0].lease()
    assert lease and race.annotators[0].submit(lease).status_code == 201
    with planes.in_workspace(race.tenant.pk):
        found: uuid.UUID = Item.objects.get(batch=batch).pk
    return found


def _decide(seen: int, *acts: Callable[[], Adjudication]) -> None:
    """Run the acts at once, all of which have seen the same: the first is stored."""
    outcomes = at_once(*acts)
    stored = [one for one in outcomes if isinstance(one, Adjudication)]
    told = [one for one in outcomes if isinstance(one, Refused)]
    assert [one.number for one in stored] == [seen + 1]
    assert [(one.code, one.status) for one in told] == [("adjudicated", 409)] * (len(acts) - 1)


def test_one_of_two_stands_and_the_other_is_told(race: Race, site: None) -> None:
    """Two first answers; then a second one beside a withdrawal."""
    item = _answered(race)
    _decide(
        0,
        lambda: adjudicate(race.tenant, item, prefers(0)),
        lambda: adjudicate(race.tenant, item, prefers(1)),
        lambda: adjudicate(race.tenant, item, prefers("tie")),
    )
    _decide(
        1,
        lambda: adjudicate(race.tenant, item, prefers(1), seen=1),
        lambda: withdraw(race.tenant, item, seen=1),
    )
    with planes.in_workspace(race.tenant.pk):
        numbers = Adjudication.objects.filter(item=item).order_by("number")
        assert list(numbers.values_list("number", flat=True)) == [1, 2]
    with planes.as_system():
        assert Event.objects.filter(kind="review.adjudicated").count() == 2


def test_who_is_just_deciding_an_item_does_not_take_it(
    race: Race, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The final answer is written and not committed yet when its reviewer asks for the item at the desk."""
    project = make_project(race.tenant, access="members", overlap=3)
    make_batch(project, 1)
    answering, deciding = (
        make_annotator(project, user=make_member(race.tenant.workspace)) for _ in range(2)
    )
    lease = answering.lease()
    assert lease and answering.submit(lease).status_code == 201
    with planes.in_workspace(race.tenant.pk):
        item: uuid.UUID = Annotation.objects.get(project=project).item_id
    written = threading.Event()
    monkeypatch.setattr(services, "_saved", holding(services._saved, written))

    def decide() -> Adjudication:
        with planes.in_workspace(race.tenant.pk, deciding.user.pk):
            return services.give(
                item_id=item, answer=prefers(0), note=NOTE, seen=0, reviewer_id=deciding.user.pk
            )

    def take() -> dict[str, Any] | None:
        assert written.wait(5)
        return deciding.lease()

    given, held = at_once(decide, take)
    assert isinstance(given, Adjudication) and held is None
