"""Answers that are sent back, and the annotator's pages about decisions."""

import html
import re
import uuid
from typing import Any

from projects.review.services import returning
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.people import Annotator


def answer_of(annotator: Annotator, choice: int = 0, reason: str = "It is better.") -> uuid.UUID:
    """Answer the next item. Returns the annotation's id."""
    lease = annotator.lease()
    assert lease
    return uuid.UUID(annotator.submit(lease, choice, reason).json()["id"])


def send_back(
    annotation_id: uuid.UUID, tenant: Tenant, note: str = "Say more about the source."
) -> None:
    """Send an answer back as the tenant's owner."""
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        returning.send_back(annotation_id=annotation_id, note=note, reviewer_id=tenant.owner.pk)


def stored(annotation_id: uuid.UUID, tenant: Tenant) -> Annotation:
    """Return the annotation with its lease, as it is stored now."""
    with planes.in_workspace(tenant.pk):
        return Annotation.objects.select_related("lease").get(pk=annotation_id)


def at(annotator: Annotator, *rest: object) -> str:
    """Return the path of a page under the annotator's enrollment."""
    return "/".join(["/work", str(annotator.enrollment.pk), *map(str, rest), ""])


def page_of(response: Any) -> str:
    """Return the text of a page, without its markup."""
    text = re.sub(r"<[^>]*>", " ", response.content.decode())
    return " ".join(html.unescape(text).split())
