"""How an annotator is paid, over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.recipients import selectors
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.views import DeskAPIView


class MissingAnswer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Stripe's code.")
    words = serializers.CharField()
    is_late = serializers.BooleanField()
    by_person = serializers.BooleanField(help_text="Whether you must act; else Stripe works on it.")


class HowPaidAnswer(serializers.Serializer[Any]):
    can_be_paid = serializers.BooleanField()
    step = serializers.CharField(
        help_text=(
            "`country`, `begin`, `making`, `refused`, `missing`, `checking`, `closed` or `ready`; where we pay by "
            "hand, `details` or `by_hand`."
        )
    )
    country = serializers.CharField()
    missing = MissingAnswer(many=True)
    reasons = serializers.ListField(child=serializers.CharField())
    bank_name = serializers.CharField()
    bank_last4 = serializers.CharField()
    looked_at = serializers.DateTimeField(allow_null=True)


class HowPaid(DeskAPIView):
    scopes: ClassVar = {"GET": "desk"}

    @extend_schema(responses=HowPaidAnswer)
    def get(self, request: Request) -> Response:
        """Whether you can be paid, and what is missing. Addresses at Stripe are given on the page alone."""
        return Response(HowPaidAnswer(selectors.how_paid(caller_of(request).person_id)).data)
