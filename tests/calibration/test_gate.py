"""Main batches wait until enough annotators have passed, and agree if that is asked for; an owner overrides."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from projects.calibration import agreement, round_page
from projects.calibration.gate import gate_of
from projects.calibration.models import Round
from projects.calibration.services import rounds
from projects.items import services as batches
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import AuditEntry
from rlhfhub.tenancy.roles import Role
from tests import people
from tests.calibration import made
from tests.factories import Tenant, make_batch, make_project
from tests.people import make_key, make_member

Deliver = Callable[[], int]
REASON = "The model ships on Friday, and we review every answer by hand."


def opens(batch: Any) -> None:
    with planes.in_workspace(batch.workspace_id):
        batches.open_batch(batch=batch, actor_id=None)


def let_pass(project: Project, count: int, deliver: Deliver) -> None:
    for annotator in made.make_annotators(project, count):
        made.answer(annotator, made.right)
        deliver()
        assert made.attempt_of(annotator).state == "passed"


@pytest.mark.slow
def test_a_batch_opens_when_enough_have_passed(asking: Project, deliver: Deliver) -> None:
    batch = make_batch(asking, 2, open=False)
    with pytest.raises(Refused, match="no round was opened"):
        opens(batch)
    made.open_round(asking, needed=2)
    let_pass(asking, 1, deliver)
    with pytest.raises(Refused, match="needs 2 who pass, and 1 has passed"):
        opens(batch)
    let_pass(asking, 1, deliver)
    opens(batch)


def test_a_project_that_does_not_ask_has_no_gate(workspace_a: Tenant) -> None:
    make_batch(make_project(workspace_a), 2)


def test_a_batch_that_was_open_before_opens_again(asking: Project, deliver: Deliver) -> None:
    """A pause must not become a trap when a new round is opened meanwhile."""
    made.open_round(asking)
    let_pass(asking, 1, deliver)
    batch = make_batch(asking, 2)
    with planes.in_workspace(asking.workspace_id):
        batches.pause_batch(batch=batch, actor_id=None)
    made.open_round(asking)
    opens(batch)


@pytest.mark.slow
def test_the_agreement_of_those_who_passed_warns_or_gates(
    asking: Project, deliver: Deliver
) -> None:
    """Three pass, each with wrong answers to other items: α is below the target. Those who failed agree with nobody."""
    settings: dict[str, Any] = {"alpha_target": 0.9, "seats": 6}
    warned = made.open_round(asking, **settings)
    for number in range(3):
        annotator = people.make_annotator(asking, f"Passes {number}")
        made.answer(annotator, wrong_now_and_then(number))
    for number in range(2):
        annotator = people.make_annotator(asking, f"Fails {number}")
        made.answer(annotator, made.always(number), most=15)
    deliver()
    with planes.in_workspace(asking.workspace_id):
        gate = gate_of(warned)
        passed, everybody = gate.agreement.passed, gate.agreement.everybody
        assert (passed.people, everybody.people) == (3, 5)
        assert passed.items == made.ITEMS
        assert passed.alpha.value is not None and everybody.alpha.value is not None
        assert passed.alpha.value > everybody.alpha.value
        assert passed.alpha.low is not None and passed.alpha.low < 0.9
        assert gate.is_open and gate.missing == []
        assert "of the 3 who passed" in gate.warning and "should reach 0.90" in gate.warning
        strict = Round.objects.get(pk=warned.pk)
        strict.alpha_gates = True
        assert not gate_of(strict).is_open


def wrong_now_and_then(first: int) -> Callable[[dict[str, Any]], int]:
    """Somebody whose answer to every ninth item is wrong, from the one with this number on."""
    met: list[str] = []

    def by(lease: dict[str, Any]) -> int:
        met.append(lease["id"])
        return made.wrong(lease) if (len(met) - 1) % 9 == first else made.right(lease)

    return by


@pytest.mark.usefixtures("one_order")
def test_disagreements_are_listed_by_their_cost(asking: Project, deliver: Deliver) -> None:
    """Three agree on ten items but for one, which one of them sees differently: that one costs most."""
    opened = made.open_round(asking)
    odd: list[str] = []
    for number, annotator in enumerate(made.make_annotators(asking, 3)):

        def by(lease: dict[str, Any], number: int = number) -> int:
            odd.append(lease["prompt"][0]["content"])
            return made.wrong(lease) if number == 2 and len(odd) == 25 else made.right(lease)

        made.answer(annotator, by, most=10)
    deliver()
    with planes.in_workspace(asking.workspace_id):
        found = round_page.disagreements_of(
            Round.objects.select_related("project__form").get(pk=opened.pk)
        )
        assert [one.item.prompt[0]["content"] for one in found] == [odd[24]]
        assert [said.count for said in found[0].said] == [2, 1]
        assert found[0].said[0].words == found[0].key
        assert found[0].cost > 0
        text = round_page.with_items("# Be fair", found)
        assert text.startswith(
            "# Be fair\n\n## Examples from calibration\n\n**Example**\n\n> Keyed"
        )
        again = round_page.with_items(text, found)
        assert again.count("## Examples") == 1


def test_without_answers_nothing_is_known(asking: Project) -> None:
    opened = made.open_round(asking)
    with planes.in_workspace(asking.workspace_id):
        assert agreement.agreement_of(opened).everybody.alpha.value is None
        assert round_page.disagreements_of(opened) == []


def test_an_owner_overrides_in_writing(asking: Project, workspace_a: Tenant) -> None:
    opened = made.open_round(asking)
    batch = make_batch(asking, 1, open=False)
    manager = make_member(workspace_a.workspace, Role.MANAGER)
    with planes.in_workspace(asking.workspace_id):
        with pytest.raises(Refused, match="Only an owner"):
            rounds.override_gate(of=opened, reason=REASON, actor_id=manager.pk)
        with pytest.raises(Refused, match="20 to 2000"):
            rounds.override_gate(
                of=opened, reason="Because. " + " " * 30, actor_id=workspace_a.owner.pk
            )
        rounds.override_gate(of=opened, reason=REASON, actor_id=workspace_a.owner.pk)
        with pytest.raises(Refused, match="before"):
            rounds.override_gate(of=opened, reason=REASON, actor_id=workspace_a.owner.pk)
        entry = AuditEntry.objects.get(verb="calibration.override")
        assert (entry.actor_id, entry.data) == (workspace_a.owner.pk, {"reason": REASON})
    opens(batch)


def test_an_open_gate_has_nothing_to_override(
    asking: Project, workspace_a: Tenant, deliver: Deliver
) -> None:
    opened = made.open_round(asking)
    let_pass(asking, 1, deliver)
    refused = workspace_a.client.post(f"/api/v1/rounds/{opened.pk}/override/", {"reason": REASON})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_override")
    assert "There is nothing to override." in refused.json()["detail"]
    with planes.in_workspace(asking.workspace_id):
        assert Round.objects.get(pk=opened.pk).override_at is None


@pytest.mark.parametrize("reason", ["\u200b" * 30, "Why not." + "\u2060" * 30])
def test_a_reason_can_be_seen(asking: Project, workspace_a: Tenant, reason: str) -> None:
    opened = made.open_round(asking)
    with planes.in_workspace(asking.workspace_id), pytest.raises(Refused, match="can be seen"):
        rounds.override_gate(of=opened, reason=reason, actor_id=workspace_a.owner.pk)


_OVERRIDE = (
    "UPDATE projects_calibration_round SET override_by_id = %(by)s, override_at = now(), "
    "override_reason = %(reason)s"
)
# A round that is made with its override.
_COPY = (
    "INSERT INTO projects_calibration_round SELECT (jsonb_populate_record(r, jsonb_build_object('id', "
    "gen_random_uuid(), 'number', 9, 'override_by_id', %(by)s::text, 'override_at', now(), 'override_reason', "
    "%(reason)s::text))).* FROM projects_calibration_round r"
)


@pytest.mark.parametrize("statement", [_OVERRIDE, _COPY])
def test_the_override_is_the_owners_by_the_database_too(
    asking: Project, workspace_a: Tenant, statement: str
) -> None:
    made.make_round(asking)
    manager = make_member(workspace_a.workspace, Role.MANAGER)
    with (
        pytest.raises(DatabaseError, match=r"only an owner|begins as a draft"),
        executed() as cursor,
    ):
        cursor.execute(statement, {"by": manager.pk, "reason": REASON})


def test_the_override_says_why_by_the_database_too(asking: Project, workspace_a: Tenant) -> None:
    made.make_round(asking)
    with pytest.raises(DatabaseError, match="round_override"), executed() as cursor:
        cursor.execute(_OVERRIDE, {"by": workspace_a.owner.pk, "reason": "\u200b" * 30})
    with executed() as cursor:
        cursor.execute(_OVERRIDE, {"by": workspace_a.owner.pk, "reason": REASON})
    manager = make_member(workspace_a.workspace, Role.MANAGER)
    for change in (
        "override_reason = 'Another reason, long enough.'",
        f"override_by_id = '{manager.pk}'",
    ):
        with pytest.raises(DatabaseError, match="only an owner"), executed() as cursor:
            cursor.execute(f"UPDATE projects_calibration_round SET {change}")


@contextmanager
def executed() -> Iterator[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        yield cursor


def test_a_managers_key_does_not_override(
    asking: Project, workspace_a: Tenant, client_for: Any
) -> None:
    opened = made.open_round(asking)
    path = f"/api/v1/rounds/{opened.pk}/override/"
    key = make_key(workspace_a.workspace, make_member(workspace_a.workspace, Role.MANAGER))
    refused = client_for(key).post(path, {"reason": REASON})
    assert (refused.status_code, refused.json()["code"]) == (403, "owners_only")
    done = workspace_a.client.post(path, {"reason": REASON})
    assert done.status_code == 200, done.content
    assert done.json()["gate"]["is_open"] is True
