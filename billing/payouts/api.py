"""An annotator's payouts over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.payouts import runs, selectors
from billing.payouts.models import BankPayout, Payout
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import DeskAPIView


class OwedAnswer(serializers.Serializer[Any]):
    currency = serializers.CharField()
    payable_minor = serializers.IntegerField(help_text="Owed to you.")
    unclear_minor = serializers.IntegerField(
        help_text="Earned, and not to be paid out yet: the customer has just begun to pay by card."
    )
    in_payout_minor = serializers.IntegerField(help_text="On its way to you.")
    sent_minor = serializers.IntegerField(help_text="Sent to your account at Stripe so far.")
    least_minor = serializers.IntegerField(help_text="The least amount of a payout.")


class NextAnswer(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="When the next payout begins (UTC).")
    can_be_paid = serializers.BooleanField(help_text="`/desk/how-paid/` says what is missing.")
    is_asked = serializers.BooleanField(help_text="Whether one that you asked for is being made.")


class PayoutLine(serializers.ModelSerializer[Payout]):
    reversed_minor = serializers.IntegerField(
        help_text="What was taken back of it; it is owed to you again."
    )

    class Meta:
        model = Payout
        fields: tuple[str, ...] = (
            *("id", "created_at", "amount_minor", "currency", "state", "ended_at"),
            "reversed_minor",
        )


class BankLine(serializers.ModelSerializer[BankPayout]):
    class Meta:
        model = BankPayout
        fields: tuple[str, ...] = (
            *("created_at", "amount_minor", "currency", "status", "arrives_at", "failure_code"),
        )


class PayoutsAnswer(serializers.Serializer[Any]):
    owed = OwedAnswer(many=True)
    next = NextAnswer()
    to_bank = BankLine(
        many=True, help_text="The newest payments from your account at Stripe to your bank."
    )
    payouts = paged(PayoutLine)


class Payouts(DeskAPIView):
    scopes: ClassVar = {"GET": "desk", "POST": "desk"}
    queries: ClassVar = {"GET": PageQuery}

    @extend_schema(responses=PayoutsAnswer)
    def get(self, request: Request) -> Response:
        """Your payouts, of the work in all workspaces: what is owed, on its way and sent, and what is next."""
        person = caller_of(request).person_id
        return Response(
            {
                "owed": OwedAnswer(selectors.owed(person), many=True).data,
                "next": NextAnswer(selectors.upcoming(person)).data,
                "to_bank": BankLine(selectors.to_bank(person), many=True).data,
                "payouts": page(request, selectors.own(person), PayoutLine).data,
            }
        )

    @extend_schema(
        request=None,
        responses={
            202: NextAnswer,
            409: OpenApiResponse(
                description=(
                    "Nothing can be paid: `cannot_be_paid`, `by_hand`, `nothing_owed`, `too_little` or `on_its_way`."
                )
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Ask for a payout of what is owed to you now, in each currency. Workers make and send it."""
        person = caller_of(request).person_id
        runs.ask(person_id=person)
        return Response(NextAnswer(selectors.upcoming(person)).data, status=202)
