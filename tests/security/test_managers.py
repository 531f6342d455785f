"""Wall 1 alone: a query without a scope raises; in a scope it is filtered, whatever the database would return."""

import pytest
from django.apps import apps
from django.db.models import Model
from django_scopes import scope
from django_scopes.exceptions import ScopeError

from rlhfhub.tenancy.base import TenantRow
from rlhfhub.tenancy.models import Workspace
from tests.security.world import World

TENANT = [model for model in apps.get_models() if issubclass(model, TenantRow)]


@pytest.fixture(params=TENANT, ids=lambda model: model._meta.label)
def model(request: pytest.FixtureRequest) -> type[Model]:
    return request.param


def test_there_are_tenant_models() -> None:
    assert len(TENANT) > 20


@pytest.mark.parametrize(
    "ask",
    [
        lambda rows: list(rows.all()),
        lambda rows: rows.count(),
        lambda rows: rows.filter(pk=None).exists(),
        lambda rows: rows.first(),
        lambda rows: rows.update(id=None),
        lambda rows: rows.filter(pk=None).delete(),
    ],
    ids=["all", "count", "exists", "first", "update", "delete"],
)
def test_outside_a_scope_a_query_raises(model: type[Model], ask: object) -> None:
    with pytest.raises(ScopeError):
        ask(model.objects)  # type: ignore[operator, attr-defined]


def test_a_scope_of_something_else_is_none(model: type[Model]) -> None:
    with pytest.raises(ScopeError), scope(project=1):
        model.objects.count()  # type: ignore[attr-defined]


def test_inside_a_scope_only_its_rows(world: World, model: type[Model]) -> None:
    """As the owner, whom the database shows everything: the manager alone filters."""
    for mine, other in ((world.a, world.b), (world.b, world.a)):
        with scope(workspace=mine.pk):
            found = {row.workspace_id for row in model.objects.all()}  # type: ignore[attr-defined]
            assert found <= {mine.pk}
            assert not model.objects.filter(workspace_id=other.pk).exists()  # type: ignore[attr-defined]


def test_tables_with_a_workspace_have_a_scoped_manager() -> None:
    """The few others are listed, each with what guards it instead."""
    unscoped = {
        m._meta.label
        for m in apps.get_models()
        if m is not Workspace
        and not issubclass(m, TenantRow)
        and any(field.column == "workspace_id" for field in m._meta.concrete_fields)
    }
    assert unscoped == {
        "rlhfhub_tenancy.AuditEntry",  # also what concerns no workspace; written, and read by staff
        "rlhfhub_events.Event",  # no plane of people reads it
        "rlhfhub_events.Delivery",
        "billing_ledger.Account",  # also people's purses and the platform's; policies
        "billing_ledger.Journal",
        "billing_ledger.Posting",
    }
