"""Notices for screenshots: some read, some not, and a link that ends mails."""

from projects.enrollment.notices import CHANGED
from rlhfhub.notices import letters, selectors, services
from rlhfhub.tenancy import planes
from tests.browser.hard_texts import LONG
from tests.people import Annotator


def tell(annotator: Annotator) -> None:
    """Tell the annotator of several changes; the first they have read."""
    enrollment, person = annotator.enrollment, annotator.user.pk
    for number, project in enumerate(("Letters", LONG[:120], "Which answer helps more?"), 2):
        with planes.in_workspace(enrollment.workspace_id):
            services.tell(
                person_id=person,
                workspace_id=enrollment.workspace_id,
                kind=CHANGED,
                cause=number,
                data={
                    "project": project,
                    "number": number,
                    "is_major": number % 2 == 0,
                    "enrollment_id": str(enrollment.pk),
                },
            )
    with planes.at_door():
        first = selectors.notices_of(person, most=9)[-1]
        services.read(person_id=person, notice_ids=[first.id])


def signed_link(annotator: Annotator) -> str:
    """Return the signed part of a link in the annotator's mails."""
    url = letters.unsubscribe_url(annotator.user.pk, ["guidelines", "alerts"])
    return url.rstrip("/").rpartition("/")[2]
