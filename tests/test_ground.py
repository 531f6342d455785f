"""Tests of the shared fixtures: databases, planes and counted statements."""

from rlhfhub.tenancy.models import Workspace
from tests.factories import make_batch, make_project, make_workspace


def test_fixtures_in_a_transaction(workspace_a, workspace_b, project, batch, annotators, deliver):
    """A lease comes out at the other end."""
    assert batch.status == "open"
    lease = annotators[0].lease()
    assert lease["project"] == str(project.pk)
    assert annotators[0].submit(lease).status_code == 201
    assert deliver() >= 1


def test_fixtures_in_a_database_of_ones_own(own_database, as_site):
    """With real commits, and the site's login."""
    tenant = make_workspace()
    project = make_project(tenant, access="members")
    batch = make_batch(project, items=2)
    as_site()
    assert tenant.client.get("/api/v1/nothing/").status_code == 404
    assert batch.items_count == 2


def test_databases_do_not_meet(own_database):
    """Nothing is left of the test before."""
    assert Workspace.objects.count() == 0


def test_a_refused_request_leaves_the_transaction_usable(batch, annotators):
    """Status 400 rolls back the request alone."""
    lease = annotators[0].lease()
    assert annotators[0].submit(lease, reason="x" * 5000).status_code == 400
    assert annotators[0].submit(lease).status_code == 201
