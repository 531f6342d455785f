"""Nobody gets further items of a round while three of their answers wait to be marked."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from projects.plan.models import Project
from tests import people
from tests.calibration import made
from tests.pages.conftest import browser_of
from tests.people import Annotator

Deliver = Callable[[], int]


def give(annotator: Annotator, count: int) -> None:
    for _ in range(count):
        lease: Any = annotator.lease()
        assert annotator.submit(lease, made.right(lease)).status_code == 201


def test_three_unmarked_answers_pause_an_attempt_until_they_are_marked(
    asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    give(annotator, 3)
    assert annotator.lease() is None, "the verdict may be in what is not marked yet"
    page: Client = browser_of(annotator.user)
    shown = page.get(f"/work/{annotator.enrollment.pk}/").content.decode()
    assert "Your answers are being marked" in shown
    assert 'hx-trigger="every 2s"' in shown, "the page goes on by itself"
    deliver()
    give(annotator, 3)
    assert annotator.lease() is None
    deliver()
    assert made.attempt_of(annotator).hits == 6


def test_a_held_item_is_shown_again_while_answers_wait(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    give(annotator, 2)
    held: Any = annotator.lease()
    again: Any = annotator.lease()
    assert again["id"] == held["id"]
    other = people.make_annotator(asking, "Ben")
    assert other.lease() is not None, "others do not wait for them"
    assert annotator.submit(held, made.right(held)).status_code == 201
    assert annotator.lease() is None
