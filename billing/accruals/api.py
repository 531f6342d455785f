"""An annotator's earnings over REST."""

from collections import Counter
from typing import Any, ClassVar

from django.db.models import Count, QuerySet, Sum
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.ledger.models import Posting
from projects.enrollment.models import Enrollment
from projects.review.own.needs import held_of
from projects.work.models import Annotation
from rlhfhub.api.authentication import Caller, caller_of
from rlhfhub.api.bodies import Money
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import DeskAPIView


class Pending(serializers.Serializer[Any]):
    annotations = serializers.IntegerField()
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()


class EarningLine(serializers.ModelSerializer[Posting]):
    class Meta:
        model = Posting
        fields: tuple[str, ...] = ("id", "at", "amount_minor", "currency")


class EarningsAnswer(serializers.Serializer[Any]):
    pending = Pending(
        many=True, help_text="Submitted and not yet decided, also those that are sent back to you."
    )
    held = Pending(
        many=True, help_text="Rejected, and on hold until the rejection is final or overturned."
    )
    accrued = Money(many=True, help_text="Earned, and not yet paid out.")
    lines = paged(EarningLine)


class Earnings(DeskAPIView):
    scopes: ClassVar = {"GET": "desk"}
    queries: ClassVar = {"GET": PageQuery}

    @extend_schema(responses=EarningsAnswer)
    def get(self, request: Request) -> Response:
        """Your pay in this key's workspace: what waits for review, is on hold, and is earned, and each posting."""
        mine = Posting.objects.filter(
            person_id=caller_of(request).person_id, workspace_id=caller_of(request).workspace_id
        )
        lines = page(request, mine, EarningLine).data
        return Response(
            {
                "pending": _pending(caller_of(request)),
                "held": _held(caller_of(request)),
                "accrued": _accrued(mine),
                "lines": lines,
            }
        )


def _pending(caller: Caller) -> list[dict[str, Any]]:
    # Filter by enrollment, which has an index: with the policy alone PostgreSQL would read all annotators' rows.
    mine = Enrollment.objects.filter(annotator_id=caller.person_id)
    undecided = (Annotation.State.SUBMITTED, Annotation.State.RETURNED)
    waiting = Annotation.objects.filter(enrollment__in=mine, state__in=undecided)
    sums = waiting.values("currency").annotate(
        annotations=Count("id"), amount_minor=Sum("price_minor")
    )
    return [{**row, "amount_minor": int(row["amount_minor"])} for row in sums.order_by("currency")]


def _held(caller: Caller) -> list[dict[str, Any]]:
    answers: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for one in held_of(caller.person_id):
        answers[one.currency] += one.answers
        amounts[one.currency] += one.amount_minor
    return [
        {"annotations": answers[currency], "amount_minor": amounts[currency], "currency": currency}
        for currency in sorted(amounts)
    ]


def _accrued(mine: QuerySet[Posting]) -> list[dict[str, Any]]:
    sums = mine.values("currency").annotate(amount_minor=Sum("amount_minor")).order_by("currency")
    return [{**row, "amount_minor": int(row["amount_minor"])} for row in sums]
