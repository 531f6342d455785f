"""Main batches wait until enough annotators have passed, and agree if that is asked for; an owner overrides."""

from collections.abc import Callable
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
def test_the_groups_agreement_warns_or_gates(asking: Project, deliver: Deliver) -> None:
    """Half of the group always takes the second: who passed is enough, and α is far below the target."""
    settings: dict[str, Any] = {"alpha_target": 0.8, "seats": 4}
    warned = made.open_round(asking, **settings)
    let_pass(asking, 1, deliver)
    for annotator in made.make_annotators(asking, 2):
        made.answer(annotator, made.always(1), most=8)
    deliver()
    with planes.in_workspace(asking.workspace_id):
        gate = gate_of(warned)
        assert gate.is_open and gate.missing == []
        assert "should reach 0.80" in gate.warning
        assert gate.alpha.low is not None and gate.alpha.low < 0.8
        strict = Round.objects.get(pk=warned.pk)
        strict.alpha_gates = True
        assert not gate_of(strict).is_open


def test_disagreements_are_listed_by_their_cost(asking: Project, deliver: Deliver) -> None:
    """Three agree on ten items but for one, which one of them sees differently: that one costs most."""
    opened = made.open_round(asking)
    people = made.make_annotators(asking, 3)
    odd: list[str] = []
    for number, annotator in enumerate(people):

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
        text = round_page.with_examples("# Be fair", found)
        assert text.startswith(
            "# Be fair\n\n## Examples from calibration\n\n**Example**\n\n> Keyed"
        )
        again = round_page.with_examples(text, found)
        assert again.count("## Examples") == 1


def test_without_answers_nothing_is_known(asking: Project) -> None:
    opened = made.open_round(asking)
    with planes.in_workspace(asking.workspace_id):
        assert agreement.alpha_of(opened).value is None
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


def test_the_override_is_the_owners_by_the_database_too(
    asking: Project, workspace_a: Tenant
) -> None:
    made.make_round(asking)
    manager = make_member(workspace_a.workspace, Role.MANAGER)
    with (
        pytest.raises(DatabaseError, match="only an owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE projects_calibration_round SET override_by_id = %s, override_at = now(), override_reason = %s",
            [manager.pk, REASON],
        )


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
