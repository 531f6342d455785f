"""Deposits over REST: ask for one, and see what became of it."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.deposits import amounts, selectors, services
from billing.deposits.models import Deposit
from projects.items.models import Batch
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Id, Integer
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.throttles import CostlyWrites
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.ground.refusals import invalid
from rlhfhub.tenancy.models import Workspace


class DepositBody(Body):
    amount_minor = Integer(
        min_value=1,
        max_value=amounts.MOST_MINOR,
        help_text="Minor units of the workspace's currency; at least 1.00.",
    )
    batch = Id(
        required=False,
        allow_null=True,
        help_text="The batch that needs the money. Its page is linked afterwards.",
    )


class DepositRow(serializers.ModelSerializer[Deposit]):
    batch = serializers.UUIDField(source="batch_id", allow_null=True)
    page_url = serializers.CharField(
        help_text="Stripe's page, where a person pays; empty unless `state` is `open`."
    )
    received_minor = serializers.IntegerField(
        allow_null=True, help_text="What is on the balance by it; null until it is paid."
    )
    error = serializers.CharField(help_text="Why it failed; else empty.")

    class Meta:
        model = Deposit
        fields = (
            "id",
            "batch",
            "amount_minor",
            "currency",
            "state",
            "page_url",
            "received_minor",
            "receipt_url",
            "error",
            "asked_at",
            "paid_at",
        )


class Deposits(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "funding"

    @extend_schema(responses=paged(DepositRow))
    def get(self, request: Request) -> Response:
        """List the workspace's deposits, newest first. Those that staff booked are in the journal alone."""
        return page(request, selectors.deposits(), DepositRow)

    @extend_schema(
        request=DepositBody,
        responses={
            202: DepositRow,
            409: OpenApiResponse(
                description="Money of this currency cannot be paid in by Stripe (`not_by_stripe`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for a deposit. A worker makes Stripe's page: poll the deposit until it is `open`, then send a person.

        The deposit is `paid` when Stripe says so, by whichever way that becomes known.
        """
        fields = DepositBody.read(request)
        caller = caller_of(request)
        deposit = services.ask(
            workspace=Workspace.objects.get(pk=caller.workspace_id),
            amount_minor=fields["amount_minor"],
            created_by_id=caller.created_by_id,
            batch=_batch(fields.get("batch")),
        )
        return Response(DepositRow(deposit).data, status=202)


class OneDeposit(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"deposit": by_id(Deposit)}

    @extend_schema(responses=DepositRow)
    def get(self, request: Request, deposit: Deposit) -> Response:
        """Show a deposit. If it is open, a worker looks whether it was paid."""
        services.want_look(deposit=deposit)
        return Response(DepositRow(deposit).data)


def _batch(batch_id: Any) -> Batch | None:
    if batch_id is None:
        return None
    found: Batch | None = Batch.objects.filter(pk=batch_id).first()
    if found is None:
        raise invalid("batch", "There is no such batch in this workspace.")
    return found
