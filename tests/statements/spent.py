"""What tests of spend read and do."""

from typing import Any

from billing.statements.spend.period import Period, period
from billing.statements.spend.sums import Spend, spend_of
from projects.review.services import accepting
from projects.work.models import Annotation
from rlhfhub.tenancy import clock, planes
from tests.factories import Tenant

#: Price and fee of an answer.
COST = 30


def today() -> Period:
    with planes.at_door():
        return period(clock.now().date(), clock.now().date())


def spent(tenant: Tenant, **more: Any) -> Spend:
    with planes.in_workspace(tenant.pk):
        return spend_of(tenant.pk, "USD", today(), **more)


def parts(found: Spend) -> dict[str, int]:
    return {one.part: one.spent.total_minor for one in found.parts}


def accept_all(tenant: Tenant) -> None:
    with planes.in_workspace(tenant.pk):
        ids = list(Annotation.objects.filter(state="submitted").values_list("pk", flat=True))
        accepting.accept(annotation_ids=ids, reviewer_id=tenant.owner.pk)


def path_of(tenant: Tenant, file: str = "spend/") -> str:
    """Return the path of the spend page, or of another page of money, such as "spend.csv"."""
    return f"/w/{tenant.workspace.slug}/money/{file}"
