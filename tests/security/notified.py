"""What people of a side are told, with the side's mark in it."""

from projects.enrollment.notices import CHANGED
from rlhfhub.notices import services
from rlhfhub.tenancy import planes
from tests.security.side import Side


def make_notices(side: Side) -> None:
    """Tell the owner and an annotator of a changed guideline; the annotator gets mails about it once a day."""
    with planes.in_workspace(side.pk):
        for person in (side.tenant.owner, side.person.user):
            services.tell(
                person_id=person.pk,
                workspace_id=side.pk,
                kind=CHANGED,
                cause=side.mark,
                data={
                    "project": f"{side.mark} project",
                    "number": 2,
                    "is_major": False,
                    "enrollment_id": str(side.person.enrollment.pk),
                },
            )
    with planes.at_door():
        services.prefer(person_id=side.person.user.pk, topic="guidelines", how="daily")
