"""Somebody to whom paid work is not open, for screenshots."""

from annotators.profiles import services as profiles
from projects.enrollment import examples
from projects.plan.requirements import set_requirement
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator, make_annotator


def unready_annotator(tenant: Tenant) -> Annotator:
    """Somebody who moved to where nobody can be paid, in a project that has begun to ask for more."""
    project = make_project(tenant, name="Portuguese only")
    make_batch(project, 2)
    annotator = make_annotator(project, "Faith")
    with planes.at_desk(annotator.user.pk):
        profiles.save_profile(person_id=annotator.user.pk, country="KE", avoids=["hate"])
    with planes.in_workspace(project.workspace_id):
        set_requirement(project=project, languages=["pt"], content=["hate"], actor_id=None)
        examples.add(project=project, external_id="item-1", actor_id=None)
    return annotator
