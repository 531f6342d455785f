"""The price of a project's answers over REST: its versions, and the next one."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.plan import prices, services
from projects.plan.models import PriceVersion, Project
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Integer, Money, Text, money
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id


class PriceBody(Body):
    price_minor = Integer(
        min_value=1,
        max_value=services.MAX_PRICE_MINOR,
        help_text="The pay for one annotation, in minor units of the project's currency.",
    )
    because = Text(
        max_length=500, required=False, allow_blank=True, help_text="Why. Annotators read it."
    )


class PriceAnswer(serializers.ModelSerializer[PriceVersion]):
    price = serializers.SerializerMethodField()

    class Meta:
        model = PriceVersion
        fields = ("number", "price", "because", "at")

    @extend_schema_field(Money)
    def get_price(self, version: PriceVersion) -> dict[str, Any]:
        return money(version.price_minor, version.project.currency)


class Prices(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(PriceAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """List the versions of the price of an answer, newest first. Unpaid projects have none."""
        rows = PriceVersion.objects.filter(project=project).select_related("project")
        return page(request, rows, PriceAnswer, ordering="-number")

    @extend_schema(
        request=PriceBody,
        responses={
            201: PriceAnswer,
            409: OpenApiResponse(
                description="The project is archived, unpaid, or judges answers of others (`price_is_fixed`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Set what an answer pays in batches that are funded from now on. Funded batches keep their price."""
        fields = PriceBody.read(request)
        version = prices.set_price(
            project=project,
            price_minor=fields["price_minor"],
            because=fields.get("because", ""),
            actor_id=caller_of(request).created_by_id,
        )
        return Response(PriceAnswer(version).data, status=201)
