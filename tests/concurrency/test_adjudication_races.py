"""Two members decide one item at once: one final answer is stored, and the other member is told."""

import uuid
from collections.abc import Callable

import pytest

from projects.items.models import Item
from projects.review.adjudication.models import Adjudication
from rlhfhub.events.models import Event
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.adjudications import adjudicate, prefers, withdraw
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once

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
