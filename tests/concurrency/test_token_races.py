"""Two tabs of one annotator make a token in the same moment: the most there may be stays the most."""

from functools import partial

import pytest

from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import ApiKey
from tests.concurrency.races import at_once, slowly
from tests.people import Annotator, make_annotator

pytestmark = pytest.mark.concurrency


def make(person: Annotator) -> str:
    """A token, as the page makes it."""
    workspace = person.enrollment.workspace_id
    with planes.at_desk(person.user.pk, workspace):
        return services.create_desk_token(
            person_id=person.user.pk, workspace_id=workspace, name="tab"
        )[1]


def test_twins_make_no_eleventh(
    own_database: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make_annotator(project)  # has one
    for _ in range(services.TOKENS_AT_MOST - 2):
        make(ada)
    # The second request counts before the first has committed.
    monkeypatch.setattr(services, "create_key", slowly(services.create_key))
    outcomes = at_once(partial(make, ada), partial(make, ada))
    assert sorted(type(outcome) for outcome in outcomes if not isinstance(outcome, str)) == [
        Refused
    ]
    with planes.in_workspace(project.workspace_id):
        working = ApiKey.objects.filter(annotator=ada.user, revoked_at=None).count()
    assert working == services.TOKENS_AT_MOST
