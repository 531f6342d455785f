"""Sample checks that tests draw, and what they read of them."""

import uuid
from typing import Any

from django.urls import reverse

from projects.items.models import Batch
from projects.review.models import SampleAnswer, SampleCheck
from projects.review.samples import selectors, services
from projects.review.samples.selectors import Progress
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.review.own import page_of


def draw(tenant: Tenant, batch: Batch, **changes: Any) -> SampleCheck:
    asked = {"enrollment": None, "bound_percent": 30, "confidence_percent": 80} | changes
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        return services.draw(batch=batch, member_id=tenant.owner.pk, **asked)


def sampled(tenant: Tenant, check: SampleCheck) -> list[uuid.UUID]:
    with planes.in_workspace(tenant.pk):
        rows = SampleAnswer.objects.filter(sample_check=check).order_by("pk")
        return list(rows.values_list("annotation", flat=True))


def accept(tenant: Tenant, *ids: uuid.UUID, check: SampleCheck | None = None) -> None:
    """Accept answers, in this check or outside of any."""
    for one in ids:
        body = {"sample": str(check.pk)} if check else {}
        accepted = tenant.client.post(f"/api/v1/annotations/{one}/accept/", body)
        assert (accepted.status_code, accepted.json()) == (200, {"accepted": 1})


def progress(tenant: Tenant, check: SampleCheck) -> Progress:
    with planes.in_workspace(tenant.pk):
        return selectors.progress_of(check, tenant.owner.pk)


def page_at(tenant: Tenant, check: SampleCheck) -> str:
    address = reverse("sample", args=[tenant.workspace.slug, check.project_id, check.pk])
    return page_of(browser_of(tenant.owner).get(address))
