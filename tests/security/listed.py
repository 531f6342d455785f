"""What the workspaces of the world ask of annotators and show them before they join, and what these tell."""

from annotators.profiles import services as profiles
from projects.enrollment import examples
from projects.plan.requirements import set_requirement
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests.recipients.made import make_recipient
from tests.security.side import Side


def make_listing(side: Side) -> None:
    """The unpaid project asks for something; the project shows an item to everybody who may join."""
    with planes.in_workspace(side.pk):
        set_requirement(project=side.project, content=["politics"], actor_id=None)
        set_requirement(project=side.unpaid, domains=[f"{side.mark}-qzknows"], actor_id=None)
        made = examples.add(
            project=side.project, external_id=f"{side.mark} item 1", actor_id=side.tenant.owner.pk
        )
        side.example = made.pk


def tell(user: User, side: Side) -> None:
    """Let an annotator tell something in their profile, and how they are paid. No workspace may read it."""
    with planes.at_desk(user.pk):
        profiles.save_profile(person_id=user.pk, domains=[f"{side.mark}-qzdomain"])
    side.links.append(make_recipient(user).pk)
