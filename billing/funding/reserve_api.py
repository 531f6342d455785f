"""Filling up a batch's reserve over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.funding import replacements, reserve, selectors
from projects.items.models import Batch
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Integer
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.throttles import CostlyWrites
from rlhfhub.api.views import WorkspaceAPIView, by_id


class TopUpBody(Body):
    slots = Integer(
        min_value=1,
        max_value=reserve.MAX_TOP_UP,
        help_text="For how many more answers the reserve is to pay.",
    )


class ReserveAnswer(serializers.Serializer[Any]):
    slots_left = serializers.IntegerField(help_text="For how many more answers the reserve pays.")
    replacements_waiting = serializers.IntegerField(
        help_text="Rejected answers that wait for the reserve to pay for another one."
    )


class TopUp(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "funding"
    finds: ClassVar = {"batch": by_id(Batch, "project")}

    @extend_schema(
        request=TopUpBody,
        responses={
            201: ReserveAnswer,
            409: OpenApiResponse(
                description="Not funded or closed (`not_funded`), or `not_enough_money`."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, batch: Batch) -> Response:
        """Move price and fee of so many answers from the free balance into the batch's reserve.

        Replacements of rejected answers that waited for it are made at once.
        """
        slots = TopUpBody.read(request)["slots"]
        reserve.top_up(batch=batch, slots=slots, actor_id=caller_of(request).created_by_id)
        replacements.make(batch_id=batch.pk)
        left = selectors.reserve_slots_left(batch)
        waiting = replacements.waiting(batch)
        return Response({"slots_left": left, "replacements_waiting": waiting}, status=201)
