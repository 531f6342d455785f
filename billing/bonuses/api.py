"""Bonuses and top-ups over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.bonuses import services
from billing.bonuses.models import REASON_CHARS, Bonus, TopUp
from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from projects.plan.services import MAX_PRICE_MINOR
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Integer, Money, Text, money
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.throttles import CostlyWrites
from rlhfhub.api.views import WorkspaceAPIView, by_id

SCOPES = {"GET": "read", "POST": "write"}


class BonusBody(Body):
    amount_minor = Integer(
        min_value=1, max_value=MAX_PRICE_MINOR, help_text="Minor units of the project's currency."
    )
    reason = Text(
        max_length=REASON_CHARS, help_text="Why, from 10 characters. The annotator reads it."
    )


class BonusAnswer(serializers.ModelSerializer[Bonus]):
    annotator = serializers.CharField(source="enrollment.pseudonym")
    amount = serializers.SerializerMethodField()
    answers = serializers.IntegerField(
        help_text="How many answers a top-up paid more for. 0 for a bonus with a reason."
    )

    class Meta:
        model = Bonus
        fields = ("id", "annotator", "amount", "reason", "top_up", "answers", "at")

    @extend_schema_field(Money)
    def get_amount(self, bonus: Bonus) -> dict[str, Any]:
        return money(bonus.amount_minor, bonus.currency)


class Bonuses(WorkspaceAPIView):
    scopes = SCOPES
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"enrollment": by_id(Enrollment, "project")}

    @extend_schema(responses=paged(BonusAnswer))
    def get(self, request: Request, enrollment: Enrollment) -> Response:
        """List what an annotator got beside the price of their answers in a project, newest first."""
        rows = Bonus.objects.filter(enrollment=enrollment).select_related("enrollment")
        return page(request, rows, BonusAnswer)

    @extend_schema(
        request=BonusBody,
        responses={
            201: BonusAnswer,
            409: OpenApiResponse(
                description="The balance is too small (`not_enough_money`), the project pays nothing (`unpaid`), or "
                "the annotator is a member of the workspace (`own_member`), or a payment is disputed (`frozen`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, enrollment: Enrollment) -> Response:
        """Give an annotator a bonus from the free balance. The platform takes no fee for it."""
        fields = BonusBody.read(request)
        bonus = services.give(
            enrollment=enrollment, actor_id=caller_of(request).created_by_id, **fields
        )
        return Response(BonusAnswer(bonus).data, status=201)


class RaiseBody(Body):
    price_minor = Integer(
        min_value=1,
        max_value=MAX_PRICE_MINOR,
        help_text="What each accepted answer is raised to, in minor units of the project's currency.",
    )
    agreed_minor = Integer(
        min_value=0,
        required=False,
        help_text="The sum you agree to: if it is another one now, nothing is moved.",
    )


class TopUpAnswer(serializers.ModelSerializer[TopUp]):
    price = serializers.SerializerMethodField()
    amount = serializers.SerializerMethodField()
    answers = serializers.IntegerField(help_text="How many answers got more.")

    class Meta:
        model = TopUp
        fields = ("id", "price", "amount", "answers", "at")

    @extend_schema_field(Money)
    def get_price(self, made: TopUp) -> dict[str, Any]:
        return money(made.price_minor, made.currency)

    @extend_schema_field(Money)
    def get_amount(self, made: TopUp) -> dict[str, Any]:
        return money(made.amount_minor, made.currency)


class TopUps(WorkspaceAPIView):
    scopes = SCOPES
    throttle_classes = (CostlyWrites,)
    throttle_scope = "funding"
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(TopUpAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """List the top-ups of a project, newest first."""
        return page(request, TopUp.objects.filter(project=project), TopUpAnswer)

    @extend_schema(
        request=RaiseBody,
        responses={
            201: TopUpAnswer,
            409: OpenApiResponse(
                description="The balance is too small (`not_enough_money`), no answer was paid less (`nothing_less`), "
                "the project pays nothing (`unpaid`), the sum is another (`cost_changed`), or a payment is disputed "
                "(`frozen`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Pay each accepted answer that was paid less than this the difference, from the free balance.

        Up to 10,000 answers at once, the oldest first. The platform takes no fee for it.
        """
        fields = RaiseBody.read(request)
        made = services.top_up(project=project, actor_id=caller_of(request).created_by_id, **fields)
        return Response(TopUpAnswer(made).data, status=201)
