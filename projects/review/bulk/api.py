"""Bulk accepts over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.plan.models import Project
from projects.review.bulk import selectors, services
from projects.review.bulk.models import BulkAccept
from projects.work.models import Annotation
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Id, Money, NoFields, money
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.ground.refusals import Refused

_REFUSED = OpenApiResponse(
    description="One is your own work (`own_work`), none is left to accept (`decided`), or somebody asks for "
    "one of them at the same moment (`asked_twice`)."
)
_LATE = OpenApiResponse(description="It has taken effect (`too_late`).")


class BulkAcceptAnswer(serializers.ModelSerializer[BulkAccept]):
    """A request to accept many answers. It takes effect after ten minutes unless it is undone."""

    project = serializers.UUIDField(source="project_id")
    price = serializers.SerializerMethodField()
    fee = serializers.SerializerMethodField()
    accepted = serializers.IntegerField(help_text="How many were accepted.")
    decided = serializers.IntegerField(
        help_text="How many were left out because they were decided in between."
    )
    returned = serializers.IntegerField(
        help_text="How many were left out because they were sent back in between."
    )
    linked = serializers.IntegerField(
        help_text="How many were left out because staff have linked their annotator's account with yours as one "
        "person's. Another member decides on them."
    )
    cancelled_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Undone by a member, or stopped because whoever asked may not review any more.",
    )

    class Meta:
        model = BulkAccept
        fields: tuple[str, ...] = (
            *("id", "project", "answers", "price", "fee", "requested_at", "takes_effect_at"),
            *("cancelled_at", "done_at", "accepted", "decided", "returned", "linked"),
        )

    @extend_schema_field(Money)
    def get_price(self, bulk: BulkAccept) -> dict[str, Any]:
        return money(bulk.price_minor, bulk.currency)

    @extend_schema_field(Money)
    def get_fee(self, bulk: BulkAccept) -> dict[str, Any]:
        return money(bulk.fee_minor, bulk.currency)


class BulkBody(Body):
    ids = serializers.ListField(child=Id(), min_length=1, max_length=services.MOST_ANSWERS)


class BulkAccepts(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(BulkAcceptAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """List a project's bulk accepts, newest first."""
        return page(request, selectors.of_project(project), BulkAcceptAnswer)

    @extend_schema(request=BulkBody, responses={201: BulkAcceptAnswer, 409: _REFUSED})
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Accept undecided annotations in ten minutes; until then it can be undone. Left out are those that
        were decided before, and those that wait in another bulk accept.

        If one id is unknown in this project, nothing is requested.
        """
        ids = list(dict.fromkeys(BulkBody.read(request)["ids"]))
        rows = Annotation.objects.filter(project=project, pk__in=ids)
        known = set(rows.values_list("pk", flat=True))
        missing = [
            {"row": None, "field": f"ids[{at}]", "message": "no such annotation"}
            for at, pk in enumerate(ids)
            if pk not in known
        ]
        if missing:
            raise Refused("not_found", "Not found.", status=404, errors=missing[:20])
        made = services.request_accept(
            project=project, annotation_ids=ids, member_id=caller_of(request).created_by_id
        )
        return Response(BulkAcceptAnswer(made).data, status=201)


class UndoBulkAccept(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"bulk_accept": by_id(BulkAccept)}

    @extend_schema(request=None, responses={200: BulkAcceptAnswer, 409: _LATE})
    @idempotent
    def post(self, request: Request, bulk_accept: BulkAccept) -> Response:
        """Undo a bulk accept before it takes effect. Undoing it again changes nothing."""
        NoFields.read(request)
        undone = services.undo(bulk_id=bulk_accept.pk, member_id=caller_of(request).created_by_id)
        return Response(BulkAcceptAnswer(undone).data)
