"""Making rounds: rules that can never be met, pools that are too small, what is drawn, and what it costs."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from billing.funding import rounds as funding
from projects.calibration import planner, rule
from projects.calibration.models import Round, RoundItem
from projects.calibration.rule import PassRule
from projects.items import services as batches
from projects.items.keys import services as keys
from projects.items.models import Batch, Key
from projects.plan.models import Project
from projects.stats.sequential import sprt_characteristics
from projects.work.models import Slot
from rlhfhub import invariants
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.calibration import made
from tests.factories import Tenant, import_items, make_items, make_project


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"pass_at": 0.6, "fail_at": 0.65}, "pass_at"),
        ({"pass_at": 0.65, "fail_at": 0.65}, "pass_at"),
        ({"items": 19}, "items"),
        ({"items": 201}, "items"),
        ({"items": 20, "pass_at": 0.7, "fail_at": 0.65}, "items"),
        # By luck, 25 % of those who always click at the same place would pass.
        ({"items": 20, "pass_at": 0.65, "fail_at": 0.51}, "fail_at"),
        ({"pass_at": 0.6, "fail_at": 0.505, "wrong_pass": 0.4, "wrong_fail": 0.4}, "fail_at"),
        ({"seats": 0}, "seats"),
        ({"seats": 51}, "seats"),
        ({"seats": 3, "needed": 4}, "needed"),
        ({"needed": 0}, "needed"),
        ({"category_floor": 0.85}, "category_floor"),
        ({"category_floor": 0.5}, "category_floor"),  # no key names a rule
        ({"alpha_gates": True}, "alpha_target"),
        ({"alpha_target": 1.5}, "alpha_target"),
        ({"wrong_pass": 0.5}, "wrong_pass"),
        ({"wrong_fail": 0.0}, "wrong_fail"),
        ({"wait_hours": 721}, "wait_hours"),
        ({"question": "reason"}, "question"),
        ({"question": "none"}, "question"),
    ],
)
def test_a_rule_that_can_never_be_met_is_refused_when_saved(
    asking: Project, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        made.make_round(asking, **changed)
    assert field in [error["field"] for error in refused.value.errors]
    with planes.in_workspace(asking.workspace_id):
        assert not Round.objects.exists()


def test_a_pool_that_is_too_small_is_refused_with_both_numbers(asking: Project) -> None:
    with pytest.raises(Refused, match=r"has 40 items .* need 42 different ones"):
        made.make_round(asking, items=21)


def test_only_certain_keys_count(asking: Project) -> None:
    """With one of the three retired, or one who says otherwise, the item is not in the pool."""
    with planes.in_workspace(asking.workspace_id):
        keys.retire(key=Key.objects.all()[0], because="It is wrong.", actor_id=None)
    with pytest.raises(Refused, match="has 39 items"):
        made.make_round(asking)


def test_a_pool_that_one_answer_passes_is_refused(workspace_a: Tenant) -> None:
    project = made.make_asking_project(workspace_a)
    made.make_pool(project, 2 * made.ITEMS, step=2)  # all with the right response first
    with pytest.raises(Refused, match="same answer to every item"):
        made.make_round(project)


def test_a_round_draws_different_items_for_both_attempts(asking: Project) -> None:
    found = made.make_round(asking, seats=5)
    with planes.in_workspace(asking.workspace_id):
        items = RoundItem.objects.filter(round=found)
        assert items.values("item").distinct().count() == 2 * made.ITEMS
        assert {(b.phase, b.items_count, b.overlap) for b in (found.batch, found.retake_batch)} == {
            ("calibration", made.ITEMS, 5),
            ("calibration", made.ITEMS, 3),
        }


def test_funding_pays_for_both_attempts_and_makes_the_slots_in_order(asking: Project) -> None:
    opened = made.open_round(asking, seats=5)
    with planes.in_workspace(asking.workspace_id):
        cost = funding.cost_of_round(opened)
        assert cost.total_minor == made.ITEMS * (5 + 3) * (25 + 5)
        for attempt, batch in enumerate((opened.batch, opened.retake_batch), 1):
            drawn = RoundItem.objects.filter(round=opened, attempt=attempt).order_by("position")
            slots = Slot.objects.filter(batch=batch).order_by("seq", "number")
            queue = list(dict.fromkeys(slots.values_list("item", flat=True)))
            assert queue == list(drawn.values_list("item", flat=True))
            assert slots.count() == made.ITEMS * batch.overlap
            assert {slot.purpose for slot in slots} == {"calibration"}
        assert {b.status for b in Batch.objects.all() if b.phase == "calibration"} == {"open"}


def test_two_rounds_can_share_items(asking: Project) -> None:
    """The numbers of an item's slots go on; every invariant holds."""
    made.open_round(asking)
    second = made.open_round(asking)
    with planes.in_workspace(asking.workspace_id):
        assert second.number == 2
    assert [finding for finding in invariants.verify() if not finding.holds] == []


def test_another_cost_than_agreed_moves_nothing(asking: Project) -> None:
    drawn = made.make_round(asking)
    with planes.in_workspace(asking.workspace_id):
        with pytest.raises(Refused, match="now costs"):
            funding.fund_and_open(of=drawn, actor_id=None, agreed_minor=1)
        assert Round.objects.get(pk=drawn.pk).state == "draft"


def test_a_calibration_batch_takes_no_items_and_no_other_plan(asking: Project) -> None:
    drawn = made.make_round(asking)
    with pytest.raises(Refused, match="takes no items"):
        import_items(drawn.batch, make_items(1, 900))
    with planes.in_workspace(asking.workspace_id), pytest.raises(Refused, match="of its round"):
        batches.change_plan(batch=drawn.batch, plan=batches.Plan(1), actor_id=None)


@pytest.mark.parametrize(
    "change",
    ["items = 30", "pass_at = 0.7", "question = 'reason'", "state = 'open'", "seats = 7"],
)
def test_a_rounds_rule_cannot_change(asking: Project, change: str) -> None:
    made.make_round(asking)
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE projects_calibration_round SET {change}")


def test_a_project_that_does_not_ask_lets_everybody_work(workspace_a: Tenant) -> None:
    assert make_project(workspace_a).calibration == "none"


def test_the_planner_shows_the_published_figures() -> None:
    """P(pass | .85) ≥ .93, P(pass | .65) ≤ .06 and at most 30 items on average, with keys that are always right."""
    test = rule.test_of(PassRule(question="preference"))
    good, bad = sprt_characteristics(test, 0.85), sprt_characteristics(test, 0.65)
    assert good.passes >= 0.93
    assert bad.passes <= 0.06
    assert max(good.items, bad.items) <= 30
    lines = planner.plan_of(replace(PassRule(question="preference"), items=40), 100)
    assert [line.items for line in lines] == [30, 40, 50, 60, 100]
    assert [line.fits for line in lines] == [True, True, True, False, False]
    assert lines[0].good_passes < lines[-1].good_passes
    assert lines[0].good < 0.85, "keys are not always right"
