"""Refunds over REST: ask for money back, and see what became of it."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.deposits import refunds
from billing.deposits.models import Refund
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Integer
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.throttles import CostlyWrites
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.ground.money import MAX_MINOR
from rlhfhub.tenancy.models import Workspace


class RefundBody(Body):
    amount_minor = Integer(
        min_value=1,
        max_value=MAX_MINOR,
        help_text="Minor units of the workspace's currency, at most its free balance.",
    )


class RefundRow(serializers.ModelSerializer[Refund]):
    deposit = serializers.UUIDField(
        source="deposit_id", allow_null=True, help_text="Null for a refund by bank transfer."
    )
    error = serializers.CharField(help_text="Why it failed; else empty.")

    class Meta:
        model = Refund
        fields = (
            "id",
            "deposit",
            "way",
            "amount_minor",
            "currency",
            "state",
            "error",
            "asked_at",
            "ended_at",
        )


class RefundsAsked(serializers.Serializer[Any]):
    refunds = RefundRow(many=True)


class Refunds(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "funding"

    @extend_schema(responses=paged(RefundRow))
    def get(self, request: Request) -> Response:
        """List the workspace's refunds, newest first."""
        return page(request, Refund.objects.all(), RefundRow)

    @extend_schema(
        request=RefundBody,
        responses={
            202: RefundsAsked,
            409: OpenApiResponse(description="A payment of the workspace is disputed (`frozen`)."),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for money back: from the newest deposits that have something left, and the rest by bank transfer.

        Each deposit that gives something has a refund of its own, which a worker sends.
        """
        fields = RefundBody.read(request)
        caller = caller_of(request)
        made = refunds.ask(
            workspace=Workspace.objects.get(pk=caller.workspace_id),
            amount_minor=fields["amount_minor"],
            created_by_id=caller.created_by_id,
        )
        return Response({"refunds": RefundRow(made, many=True).data}, status=202)


class OneRefund(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"refund": by_id(Refund)}

    @extend_schema(responses=RefundRow)
    def get(self, request: Request, refund: Refund) -> Response:
        """Show a refund."""
        return Response(RefundRow(refund).data)
