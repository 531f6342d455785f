"""The price of an answer: its versions, and how a new one is announced. It holds for batches funded from then on."""

import uuid

from projects.plan.models import PriceVersion, Project
from projects.plan.services import check_price
from rlhfhub.events import outbox
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit

PRICE_CHANGED = "plan.price_changed"


def set_price(
    *, project: Project, price_minor: int, because: str, actor_id: uuid.UUID | None
) -> PriceVersion:
    """Let batches that are funded from now on pay this for an answer, and tell the annotators. Workspace plane.

    Batches that are funded keep their price, so no answer that was asked for at the old one is touched.

    Raises: Refused, naming the field, for a price that is none or is that already; Refused (`price_is_fixed`) for a
    project that is archived, unpaid, or judges answers of others.
    """
    project = Project.objects.select_for_update().get(pk=project.pk)
    if reason := why_fixed(project):
        raise Refused("price_is_fixed", reason, status=409)
    check_price(project.access, price_minor, project.currency)
    if price_minor == project.price_minor:
        raise invalid("price_minor", "An answer pays this already.")
    newest = PriceVersion.objects.filter(project=project).latest("number")
    version = PriceVersion.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        number=newest.number + 1,
        price_minor=price_minor,
        because=because,
        set_by_id=actor_id,
    )
    outbox.emit(
        kind=PRICE_CHANGED,
        workspace_id=project.workspace_id,
        subject_id=version.pk,
        data={},
    )
    data = {"before_minor": newest.price_minor, "price_minor": price_minor}
    audit.note("project.price", project.pk, actor_id=actor_id, data=data)
    return version


def why_fixed(project: Project) -> str:
    """Return why the project's price cannot be changed, in a sentence; "" if it can."""
    if project.access != Project.Access.MARKET:
        return "Members work unpaid, so this project has no price."
    if project.purpose != Project.Purpose.WORK:
        return "This project judges answers of others at the price it was made with. Ask for judgments at another one."
    if project.status != Project.Status.ACTIVE:
        return "This project is archived."
    return ""
