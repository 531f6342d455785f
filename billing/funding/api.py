"""Funding of batches and the workspace's balance over REST."""

from typing import Any, ClassVar

from django.db.models import Sum
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.funding import costs, reserve, selectors, services
from billing.funding.models import Funding
from billing.ledger.models import Account
from projects.items.models import Batch
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Id, Integer, NoFields
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.throttles import CostlyWrites
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.tenancy.models import Workspace

KINDS = (
    Account.Kind.WORKSPACE_AVAILABLE,
    Account.Kind.BATCH_BUDGET,
    Account.Kind.BATCH_RESERVE,
)


class FundingAnswer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=Batch.Funding.choices)
    funded = serializers.IntegerField(help_text="Items that have their slots.")
    total = serializers.IntegerField(help_text="Items of the batch.")
    shared_items = serializers.IntegerField(
        help_text="Items that get `share_overlap` slots, drawn at random."
    )
    slots = serializers.IntegerField(help_text="Annotations of the batch's items.")
    reserve_slots = serializers.IntegerField(
        help_text="Further annotations paid for, which can be asked for later."
    )
    reserve_left = serializers.IntegerField(
        help_text="Those of them that can still be asked for: 0 before funding and after the close."
    )
    gold_items = serializers.IntegerField(
        help_text="How many keyed items stand among the items, at random."
    )
    gold_slots = serializers.IntegerField(help_text="Annotations of keyed items.")
    repeat_slots = serializers.IntegerField(
        help_text="Repeats paid for: items shown once more to who answered them."
    )
    price_minor = serializers.IntegerField(help_text="What an annotation earns.")
    fee_minor = serializers.IntegerField(help_text="What the platform takes for it.")
    readers = serializers.IntegerField(
        help_text="For how many readers of the guidelines money is set aside with the batch."
    )
    reading_minor = serializers.IntegerField(help_text="What each of them gets, without a fee.")
    cost_minor = serializers.IntegerField(
        help_text="Price and fee of all of them, and what the readers get."
    )
    currency = serializers.CharField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class Fund(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "funding"
    finds: ClassVar = {"batch": by_id(Batch, "project")}

    @extend_schema(responses=FundingAnswer)
    def get(self, request: Request, batch: Batch) -> Response:
        """Show how many items of the batch are funded; before funding, what it would cost."""
        return Response(_progress(batch, selectors.run_of(batch)))

    @extend_schema(
        request=None,
        responses={
            202: FundingAnswer,
            409: OpenApiResponse(
                description="Nothing to fund (`no_items`), too few keyed items (`too_little_gold`), or "
                "`not_enough_money`."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, batch: Batch) -> Response:
        """Move price and fee of every annotation into the batch's budget and make its slots.

        A small batch is funded when this returns. For a large one, ask for the progress with GET.
        """
        NoFields.read(request)
        run = services.start(batch=batch, actor_id=caller_of(request).created_by_id)
        batch.refresh_from_db(fields=["funding", "items_count"])
        return Response(_progress(batch, run), status=202)


def _progress(batch: Batch, run: Funding | None) -> dict[str, Any]:
    cost = costs.cost_of(batch, run)
    return {
        "state": batch.funding,
        "funded": cost.items_done,
        "total": cost.items,
        "shared_items": cost.shared_items,
        "slots": cost.slots,
        "reserve_slots": cost.reserve_slots,
        "reserve_left": selectors.reserve_slots_left(batch),
        "gold_items": cost.gold_items,
        "gold_slots": cost.gold_slots,
        "repeat_slots": cost.repeat_slots,
        "price_minor": cost.price_minor,
        "fee_minor": cost.fee_minor,
        "readers": cost.readers.count,
        "reading_minor": cost.readers.each_minor,
        "cost_minor": cost.total_minor,
        "currency": cost.currency,
        "started_at": cost.started_at,
        "finished_at": cost.finished_at,
    }


class MoreBody(Body):
    items = serializers.ListField(
        child=Id(),
        allow_empty=False,
        max_length=reserve.MAX_ITEMS,
        help_text="Ids of items of the batch.",
    )
    answers = Integer(
        min_value=1,
        max_value=reserve.MAX_ANSWERS,
        required=False,
        help_text="So many for each of them. 1 unless said.",
    )


class MoreAnswers(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "funding"
    finds: ClassVar = {"batch": by_id(Batch, "project")}

    @extend_schema(
        request=MoreBody,
        responses={
            201: FundingAnswer,
            409: OpenApiResponse(
                description="Not funded or closed (`not_funded`), or `reserve_too_small`."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, batch: Batch) -> Response:
        """Ask for more answers to chosen items, paid from the batch's reserve; other annotators give them."""
        fields = MoreBody.read(request)
        reserve.ask_for_more(
            batch=batch,
            item_ids=fields["items"],
            answers=fields.get("answers", 1),
            actor_id=caller_of(request).created_by_id,
        )
        return Response(_progress(batch, selectors.run_of(batch)), status=201)


class BalanceLine(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in KINDS])
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()


class BalanceAnswer(serializers.Serializer[Any]):
    currency = serializers.CharField(help_text="The workspace's currency.")
    balances = BalanceLine(many=True)


class Balance(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}

    @extend_schema(responses=BalanceAnswer)
    def get(self, request: Request) -> Response:
        """Show the workspace's money: what is available, and what the budgets of its batches hold."""
        workspace = Workspace.objects.get(pk=caller_of(request).workspace_id)
        mine = Account.objects.filter(workspace_id=workspace.pk, kind__in=KINDS)
        sums = mine.values_list("kind", "currency").annotate(total=Sum("balance_minor"))
        found = {(kind.value, workspace.currency): 0 for kind in KINDS}
        found |= {(kind, currency): int(total) for kind, currency, total in sums}
        lines = [
            {"kind": kind, "amount_minor": amount, "currency": currency}
            for (kind, currency), amount in found.items()
        ]
        return Response({"currency": workspace.currency, "balances": lines})
