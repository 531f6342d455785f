"""What people of a side are told, with the side's mark in it."""

from projects.enrollment.notices import CHANGED
from rlhfhub.notices import letters, quiet, selectors, services
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Invitation
from tests.security.side import Side


def make_notices(side: Side) -> None:
    """Tell the owner and an annotator of a changed guideline, and mail the invitation.

    The annotator gets mails about guidelines once a day.
    """
    person = side.person.user.pk
    with planes.in_workspace(side.pk):
        for told in (side.tenant.owner.pk, person):
            services.tell(
                person_id=told,
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
        services.mail_invitation(invitation_id=Invitation.objects.get().pk)
    with planes.at_door():
        services.prefer(person_id=person, topic="guidelines", how="daily")
        quiet.be_quiet(person_id=person, from_hour=22, to_hour=6, time_zone="UTC")
        side.notice = selectors.notices_of(person, most=1)[0].id
    url = letters.unsubscribe_url(person, ["guidelines"])
    side.unsubscribe = url.rstrip("/").rpartition("/")[2]
