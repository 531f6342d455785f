"""Deposits over REST: ask for one, cancel its invoice, and see what became of it."""

from typing import Any, ClassVar

from django.core.validators import validate_email
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.deposits import amounts, selectors, services
from billing.deposits.models import Deposit
from projects.items.models import Batch
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Id, Integer, NoFields, Text
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
    method = Choice(
        choices=[
            ("card", "at once, on a page of Stripe's"),
            ("invoice", "by an invoice, paid by bank transfer or card"),
        ],
        required=False,
        help_text="`card` if it is left out.",
    )
    billing_email = Text(
        required=False,
        allow_blank=True,
        max_length=254,
        validators=[validate_email],
        help_text="Where Stripe mails the invoice: needed for one, and for nothing else.",
    )
    reference = Text(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="Printed on the invoice, such as the number of a purchase order.",
    )


class DepositRow(serializers.ModelSerializer[Deposit]):
    batch = serializers.UUIDField(source="batch_id", allow_null=True)
    page_url = serializers.CharField(
        help_text="Stripe's page, where a person pays; empty while nobody can."
    )
    invoice_status = serializers.CharField(
        help_text="Stripe's word: `open`, `paid`, `void` or `uncollectible`; empty without an invoice."
    )
    invoice_url = serializers.CharField(help_text="The invoice, also after it is paid.")
    pdf_url = serializers.CharField(help_text="The invoice as a PDF.")
    part_minor = serializers.IntegerField(
        help_text="What Stripe notes as paid of an invoice that is not paid wholly; it is not on the balance."
    )
    bank_details = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Where to send a bank transfer for the invoice, as pairs of a name and a value.",
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
            "method",
            "amount_minor",
            "currency",
            "state",
            "page_url",
            "billing_email",
            "reference",
            "invoice_number",
            "invoice_status",
            "invoice_url",
            "pdf_url",
            "due_at",
            "part_minor",
            "bank_details",
            "cancel_asked_at",
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
        """Ask for a deposit. A worker makes Stripe's page or the invoice: poll the deposit until it is `open`, then
        send a person.

        The deposit is `paid` when Stripe says so, by whichever way that becomes known.
        """
        fields = DepositBody.read(request)
        caller = caller_of(request)
        deposit = services.ask(
            workspace=Workspace.objects.get(pk=caller.workspace_id),
            amount_minor=fields["amount_minor"],
            created_by_id=caller.created_by_id,
            batch=_batch(fields.get("batch")),
            method=fields.get("method", Deposit.Method.CARD),
            billing_email=fields.get("billing_email", ""),
            reference=fields.get("reference", ""),
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


class Cancel(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"deposit": by_id(Deposit)}

    @extend_schema(
        request=NoFields,
        responses={
            202: DepositRow,
            409: OpenApiResponse(
                description="It has no invoice that waits for its payment (`not_cancelable`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, deposit: Deposit) -> Response:
        """Cancel an invoice that nobody has paid. A worker voids it: poll the deposit until it is `canceled`."""
        NoFields.read(request)
        services.cancel(deposit=deposit, actor_id=caller_of(request).created_by_id)
        deposit.refresh_from_db()
        return Response(DepositRow(deposit).data, status=202)


def _batch(batch_id: Any) -> Batch | None:
    if batch_id is None:
        return None
    found: Batch | None = Batch.objects.filter(pk=batch_id).first()
    if found is None:
        raise invalid("batch", "There is no such batch in this workspace.")
    return found
