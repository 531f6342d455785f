"""Money that cannot be set aside for reading is refused: in words by the service, and by the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from billing.ledger.services import Overdrawn
from billing.readings import services
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.raw import constraint_of
from tests.factories import MONEY, Tenant
from tests.people import Annotator
from tests.readings.made import LONG, PAY, books, make_long, publish


def test_more_than_the_balance_moves_nothing(workspace_a: Tenant, project: Project) -> None:
    publish(project, f"{LONG} more", pays=MONEY)
    before = books()
    with planes.in_workspace(workspace_a.pk), pytest.raises(Overdrawn), transaction.atomic():
        services.set_aside(project=project, readers=2, actor_id=None)
    assert books() == before


@pytest.mark.parametrize("readers", [0, -1, 10_001])
def test_a_number_of_readers_that_cannot_be(
    workspace_a: Tenant, project: Project, readers: int
) -> None:
    with planes.in_workspace(workspace_a.pk), pytest.raises(Refused) as refused:
        services.set_aside(project=project, readers=readers, actor_id=None)
    assert [fault["field"] for fault in refused.value.errors] == ["readers"]


def test_where_reading_pays_nothing_nothing_is_set_aside(workspace_a: Tenant) -> None:
    project = make_long(workspace_a, "Short.")
    with planes.in_workspace(workspace_a.pk), pytest.raises(Refused) as refused:
        services.set_aside(project=project, readers=1, actor_id=None)
    assert refused.value.code == "reading_unpaid"


def test_another_sum_than_was_agreed_to(workspace_a: Tenant, project: Project) -> None:
    with planes.in_workspace(workspace_a.pk), pytest.raises(Refused) as refused:
        services.set_aside(project=project, readers=2, actor_id=None, agreed_minor=PAY)
    assert refused.value.code == "cost_changed"


def refused_by(sql: str, *values: object) -> str:
    """Run a statement as the owner. Returns the constraint that refuses it, or what the database says."""
    with (
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, values)
    return constraint_of(refused.value) or str(refused.value)


def test_the_database_refuses_what_is_not_set_aside(
    workspace_a: Tenant, project: Project, ada: Annotator
) -> None:
    assert (
        refused_by(
            "INSERT INTO billing_readings_readingfunding (id, workspace_id, project_id, readers, amount_minor,"
            " currency) VALUES (gen_random_uuid(), %s, %s, 1, 125, 'USD')",
            workspace_a.pk,
            project.pk,
        )
        == "reading_funding_paid"
    )
    assert (
        refused_by("UPDATE billing_readings_readingbudget SET free_minor = -1")
        == "reading_budget_covers"
    )
    assert "cannot change from" in refused_by(
        "UPDATE billing_readings_reading SET state = 'promised'"
    )
    assert (
        refused_by(
            "INSERT INTO billing_bonuses_bonus (id, workspace_id, enrollment_id, annotator_id, reading_id,"
            " amount_minor, currency, answers, reason) SELECT gen_random_uuid(), workspace_id, enrollment_id,"
            " annotator_id, id, amount_minor, currency, 0, 'Reading it' FROM billing_readings_reading"
        )
        == "bonus_of_reading"
    )
