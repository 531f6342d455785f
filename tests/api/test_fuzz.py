"""Random valid and invalid requests from the schema: no server error, and every error has our format."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from rlhfhub.wsgi import application
from tests.factories import make_batch, make_project, make_workspace
from tests.people import make_annotator

pytestmark = pytest.mark.slow
EXAMPLES = 6


@pytest.fixture
def ids_and_keys(own_database):
    """Ids that exist, and a key of the workspace and one of the desk."""
    tenant = make_workspace()
    project = make_project(tenant)
    make_batch(project)
    annotator = make_annotator(project)
    draft = make_batch(project, items=0)
    export = tenant.client.post(f"/api/v1/projects/{project.pk}/exports/", {}).json()
    ids = {
        "project": str(project.pk),
        "batch": str(draft.pk),
        "export": export["id"],
        "enrollment": str(annotator.enrollment.pk),
        "lease_id": annotator.lease()["id"],
        "number": 1,
    }
    return ids, tenant.secret, annotator.secret


def test_made_up_requests(ids_and_keys):
    """Seeded, so that a failure comes again."""
    ids, secret, desk_secret = ids_and_keys
    wanted = {"Accept": "application/vnd.oai.openapi+json"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application, headers=wanted)
    for found in schema.get_all_operations():
        operation = found.ok()
        key = desk_secret if "/desk/" in operation.path else secret
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _ask(operation.as_strategy(generation_mode=mode), ids, key)


def _ask(strategy, ids, secret):
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def run(case):
        given_ids = case.path_parameters if isinstance(case.path_parameters, dict) else {}
        case.path_parameters = {name: ids.get(name, value) for name, value in given_ids.items()}
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {secret}"}
        response = case.call()
        assert response.status_code < 500, case.as_curl_command()
        if response.status_code >= 400:
            assert set(response.json()) == {"code", "detail", "errors"}

    run()
