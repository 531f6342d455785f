"""Every invariant holds in a healthy world, and finds the damage that is done for it."""

import io
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from projects.exports import storage
from rlhfhub import invariants
from tests import databases
from tests.security.damages import DAMAGES, FILES
from tests.security.world import World


def _named(says: str) -> invariants.Invariant:
    return next(one for one in invariants.registered() if one.says == says)


def test_every_invariant_has_its_damage() -> None:
    """An invariant that never failed in a test may check nothing."""
    assert {one.says for one in invariants.registered()} == {*DAMAGES, FILES}


def test_a_healthy_world_violates_none(world: World) -> None:
    assert invariants.sees_everything()
    assert [finding for finding in invariants.verify() if not finding.holds] == []


@pytest.mark.parametrize("says", DAMAGES)
def test_the_damage_is_found(world: World, says: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in DAMAGES[says]:
            cursor.execute(statement)
        finding = invariants.check(_named(says))
        transaction.set_rollback(True)
    assert not finding.holds
    assert (
        0
        < len(finding.examples)
        <= invariants.EXAMPLES
        <= max(finding.violations, invariants.EXAMPLES)
    )


def test_a_changed_file_is_found(world: World) -> None:
    assert world.a.export
    file = next(storage.folder(world.a.export).rglob("*.jsonl"))
    before = file.read_bytes()
    try:
        file.write_bytes(before + b"{}\n")
        assert not invariants.check(_named(FILES)).holds
    finally:
        file.write_bytes(before)
    assert invariants.check(_named(FILES)).holds


def test_the_command_says_so(world: World) -> None:
    """OK for each by number; with a violation it names examples and ends with 1."""
    said = io.StringIO()
    call_command("verify_invariants", stdout=said)
    assert said.getvalue().count(" OK") == len(invariants.registered())
    call_command("verify_invariants", "M5", stdout=said)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_ledger_account SET balance_minor = balance_minor + 1")
        with pytest.raises(CommandError, match="invariants are violated") as failed:
            call_command("verify_invariants", stdout=said)
        transaction.set_rollback(True)
    assert failed.value.returncode == 1
    assert "M5   VIOLATED" in said.getvalue()
    assert "account=" in said.getvalue()
    with pytest.raises(CommandError, match="no such invariant: X9"):
        call_command("verify_invariants", "X9")


def test_the_command_refuses_eyes_that_see_little(world: World) -> None:
    """Under row-level security nothing would be found, and all be called well."""
    with databases.site_login(), pytest.raises(CommandError, match="as the owner"):
        call_command("verify_invariants")
    assert isinstance(world.a.pk, uuid.UUID)
