"""Somebody who was paused, in the world of the security tests."""

from projects.enrollment.models import Enrollment
from projects.enrollment.states import services as states
from rlhfhub.tenancy import planes
from tests import factories, people
from tests.security.side import Side


def pause_one(side: Side) -> None:
    """The second annotator is paused in another project, and has replied to that."""
    project = factories.make_project(side.tenant, name=f"{side.mark} stopping")
    paused = people.enroll(side.annotators[1].user, project)
    people.pause(paused, note=f"{side.mark} qzpause")
    with planes.at_desk(paused.annotator_id, side.pk, project.pk):
        enrollment = Enrollment.objects.select_related("project").get(pk=paused.pk)
        states.reply(enrollment=enrollment, text=f"{side.mark} qzreply")
