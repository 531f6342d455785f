"""How an annotator does, for themselves, over REST; and their replies to alerts about them."""

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.enrollment.models import Enrollment
from projects.quality.alerts import selectors, services
from projects.quality.alerts.models import Alert
from projects.quality.own.figures import own_of
from projects.quality.own.models import OwnFigures
from rlhfhub.api.bodies import Body, Text
from rlhfhub.api.views import DeskAPIView, by_id


class OwnAlertAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    says = serializers.CharField(help_text="What was found, in a sentence.")
    state = serializers.ChoiceField(choices=Alert.State.choices)
    told_at = serializers.DateTimeField()
    is_swapped = serializers.BooleanField(
        help_text="Whether you get a paid calibration in place of the usual items."
    )
    reply = serializers.CharField(help_text="What you answered.")
    note = serializers.CharField(help_text="What the person who decided wrote.")
    decided_at = serializers.DateTimeField(allow_null=True)


class OwnAgreement(serializers.ModelSerializer[OwnFigures]):
    class Meta:
        model = OwnFigures
        fields: tuple[str, ...] = (
            *("agreement", "agreement_low", "agreement_high", "compared", "shown_on"),
        )


class OwnGold(serializers.Serializer[Any]):
    question = serializers.CharField()
    judged = serializers.IntegerField(help_text="Answers to items whose right answer is known.")
    hits = serializers.IntegerField(help_text="How many of them were right.")
    share = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class OwnAnswer(serializers.Serializer[Any]):
    answers = serializers.IntegerField()
    accepted = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Answers that wait for a decision.")
    median_seconds = serializers.FloatField(allow_null=True)
    agreement = OwnAgreement(
        source="figures",
        allow_null=True,
        help_text="How far you agree with the others, over all your answers since the first. It moves once a day at "
        "most, after ten more answers.",
    )
    agreement_withheld = serializers.BooleanField(
        help_text="Whether `agreement` is left out because of an alert about your newest answers."
    )
    gold_withheld = serializers.BooleanField(help_text="The same of `gold`.")
    gold = OwnGold(
        many=True,
        help_text="By question, as of the last midnight UTC, in whole tens of judged answers.",
    )
    alerts = OwnAlertAnswer(many=True)


class HowIDo(DeskAPIView):
    finds: ClassVar = {"enrollment": by_id(Enrollment)}

    @extend_schema(responses=OwnAnswer)
    def get(self, request: Request, enrollment: Enrollment) -> Response:
        """Return your figures in a project, and the alerts about you."""
        own = own_of(enrollment)
        alerts = selectors.own_alerts(enrollment.pk)
        return Response(
            OwnAnswer(
                {
                    **{name: getattr(own, name) for name in own.__slots__},
                    "alerts": alerts,
                }
            ).data
        )


class ReplyBody(Body):
    reply = Text(max_length=services.MAX_CHARS)


class Reply(DeskAPIView):
    @extend_schema(
        request=ReplyBody,
        responses={
            204: None,
            409: OpenApiResponse(description="The alert is decided (`decided`)."),
        },
    )
    def post(self, request: Request, enrollment: uuid.UUID, alert: uuid.UUID) -> Response:
        """Answer an open alert about you; a later answer replaces it."""
        fields = ReplyBody.read(request)
        services.reply(alert_id=alert, enrollment_id=enrollment, text=fields["reply"])
        return Response(status=204)
