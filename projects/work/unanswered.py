"""The items that an annotator returned, or whose time ran out: their page, and over REST.

Such leases cost nothing outside calibration.
"""

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_GET
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.enrollment.models import Enrollment
from projects.enrollment.selectors import with_guideline
from projects.work.models import Lease
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import DeskAPIView, by_id
from rlhfhub.tenancy.decorators import PersonRequest, desk_view
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page
from rlhfhub.web.queries import takes

_UNANSWERED = (Lease.EndedAs.RETURNED, Lease.EndedAs.EXPIRED, Lease.EndedAs.REVOKED)


def unanswered_of(enrollment_id: uuid.UUID) -> QuerySet[Lease]:
    """Return the leases of an enrollment that ended without an answer. Annotator plane."""
    rows: QuerySet[Lease] = Lease.objects.filter(
        enrollment=enrollment_id, ended_as__in=[str(how) for how in _UNANSWERED]
    )
    return rows.only("leased_at", "ended_at", "ended_as", "phase", "return_reason", "return_note")


@takes("cursor")
@require_GET
@desk_view
def unanswered(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """List the items that the annotator returned or whose time ran out, the last first."""
    enrollment = with_guideline(enrollment_id)
    context = {
        "enrollment": enrollment,
        "project": enrollment.project,
        "listing": listed(unanswered_of(enrollment_id), request, "-ended_at", "-id"),
        "nav": "work",
    }
    return Page(request, "projects/work/unanswered.html", context)


class UnansweredRow(serializers.ModelSerializer[Lease]):
    reason = serializers.CharField(source="return_reason", help_text="Why you returned it.")
    note = serializers.CharField(source="return_note")

    class Meta:
        model = Lease
        fields: tuple[str, ...] = (
            *("id", "leased_at", "ended_at", "ended_as", "phase", "reason", "note"),
        )


class Unanswered(DeskAPIView):
    queries: ClassVar[dict[str, Any]] = {"GET": PageQuery}
    finds: ClassVar = {"enrollment": by_id(Enrollment)}

    @extend_schema(responses=paged(UnansweredRow))
    def get(self, request: Request, enrollment: Enrollment) -> Response:
        """List your leases that ended without an answer. They cost you nothing outside calibration.

        In a calibration attempt, each item returned beyond a tenth of them counts as a wrong answer.
        """
        return page(request, unanswered_of(enrollment.pk), UnansweredRow)
