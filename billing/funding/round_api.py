"""Funding and opening a calibration round over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.funding.rounds import cost_of_round, fund_and_open
from projects.calibration.models import Round
from projects.calibration.selectors import round_of
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import NoFields
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.throttles import CostlyWrites
from rlhfhub.api.views import WorkspaceAPIView


class RoundFundingAnswer(serializers.Serializer[Any]):
    is_open = serializers.BooleanField(help_text="Whether the round is funded and open.")
    slots = serializers.IntegerField(help_text="Answers of the first attempt.")
    retake_slots = serializers.IntegerField(help_text="Answers of the second attempt.")
    cost_minor = serializers.IntegerField(help_text="Price and fee of all of them.")
    currency = serializers.CharField()


class FundRound(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "funding"
    finds: ClassVar = {"round": round_of}

    @extend_schema(responses=RoundFundingAnswer)
    def get(self, request: Request, round: Round) -> Response:
        """Show what both attempts of a round cost, or would cost."""
        return Response(_answer(round))

    @extend_schema(
        request=None,
        responses={
            200: RoundFundingAnswer,
            409: OpenApiResponse(
                description="`not_enough_money`, the round is closed, or no guidelines are in force."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, round: Round) -> Response:
        """Move the money for both attempts, make their slots and open the round. Annotators who wait begin at once."""
        NoFields.read(request)
        fund_and_open(of=round, actor_id=caller_of(request).created_by_id)
        return Response(_answer(round_of(round.pk)))


def _answer(of: Round) -> dict[str, Any]:
    cost = cost_of_round(of)
    return {
        "is_open": of.state == Round.State.OPEN,
        "slots": cost.first.slots,
        "retake_slots": cost.second.slots,
        "cost_minor": cost.total_minor,
        "currency": cost.currency,
    }
