"""Alerts, the monitors behind them, and how an annotator does, over REST."""

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.plan.models import Project
from projects.quality.alerts import affected, selectors, services
from projects.quality.alerts.models import Alert
from projects.quality.monitors.models import Monitor
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Flag, Text
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id

_DECIDED = OpenApiResponse(
    description="The alert is decided (`decided`), about the caller's own work (`own_work`), or there is nothing to "
    "recalibrate with (`no_calibration`)."
)


class AlertRow(serializers.ModelSerializer[Alert]):
    annotator = serializers.CharField(
        source="enrollment.pseudonym",
        default=None,
        help_text="The annotator's pseudonym. Null for an alert about the whole project.",
    )

    class Meta:
        model = Alert
        fields: tuple[str, ...] = (
            *("id", "annotator", "kind", "state", "opened_at", "lifts_at", "swapped_at"),
            *("reply", "by", "decided_at", "note"),
        )


class PointAnswer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="The number of the judgment in the monitor.")
    value = serializers.FloatField(allow_null=True, help_text="What entered.")
    level = serializers.FloatField(help_text="How near to an alarm, which is at 1.")


class EvidenceAnswer(serializers.Serializer[Any]):
    at = serializers.IntegerField(help_text="The judgment at which the alarm came.")
    since = serializers.IntegerField(help_text="The estimated change came after this judgment.")
    before = serializers.FloatField(allow_null=True, help_text="Mean of what entered until then.")
    after = serializers.FloatField(allow_null=True, help_text="Mean of what entered since.")
    signs = serializers.ListField(child=serializers.CharField())
    others = serializers.ListField(
        child=serializers.CharField(), help_text="Other annotators that this one was found with."
    )
    count = serializers.IntegerField()
    expected = serializers.FloatField(help_text="How many of `count` chance explains.")
    points = PointAnswer(many=True, help_text="At most 200 judgments, evenly spread.")


class AlertAnswer(AlertRow):
    title = serializers.CharField(help_text="What was found, in a sentence.")
    chance = serializers.CharField(help_text="How many such alerts chance alone gives.")
    what_to_do = serializers.CharField()
    affected = serializers.IntegerField(help_text="Answers for data since the change.")
    evidence = EvidenceAnswer()

    class Meta(AlertRow.Meta):
        fields = (*AlertRow.Meta.fields, "title", "chance", "what_to_do", "affected", "evidence")


def alert_json(alert: Alert) -> dict[str, Any]:
    """Return an alert that was read with its enrollment as JSON."""
    shown = selectors.shown(alert)
    return {
        **AlertRow(alert).data,
        "title": shown.title,
        "chance": shown.chance,
        "what_to_do": shown.what_to_do,
        "affected": affected.answers(alert).count(),
        "evidence": EvidenceAnswer(shown.evidence).data,
    }


class AlertsQuery(PageQuery):
    """Filters of a project's alerts."""

    state = serializers.ChoiceField(
        choices=Alert.State.choices, required=False, help_text="In this state only."
    )
    kind = serializers.ChoiceField(
        choices=Alert.Kind.choices, required=False, help_text="Of this kind only."
    )


class Alerts(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": AlertsQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(AlertRow))
    def get(self, request: Request, project: Project) -> Response:
        """List a project's alerts, newest first."""
        given = {name: self.query[name] for name in ("state", "kind") if name in self.query}
        rows = selectors.alerts_of(project, **given).defer("evidence")
        answer: Response = page(request, rows, AlertRow)
        return answer


class OneAlert(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"alert": by_id(Alert, "enrollment")}

    @extend_schema(responses=AlertAnswer)
    def get(self, request: Request, alert: Alert) -> Response:
        """An alert with its evidence."""
        return Response(alert_json(alert))


class DecideBody(Body):
    verdict = Choice(choices=["uphold", "lift"])
    note = Text(max_length=services.MAX_CHARS, help_text="Why. The annotator reads it.")
    recalibrate = Flag(
        required=False,
        help_text="If upheld: replace the annotator's main work by a paid recalibration.",
    )
    flag_answers = Flag(
        required=False, help_text="If upheld: put the affected answers first in the reviews."
    )


class DecideAlert(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"alert": by_id(Alert, "enrollment", "project")}

    @extend_schema(request=DecideBody, responses={200: AlertAnswer, 409: _DECIDED})
    @idempotent
    def post(self, request: Request, alert: Alert) -> Response:
        """Uphold or lift an open alert, in the name of the member who made the API key."""
        fields = DecideBody.read(request)
        actor_id: uuid.UUID = caller_of(request).created_by_id
        if fields.pop("verdict") == "uphold":
            done = services.uphold(alert=alert, actor_id=actor_id, **fields)
        else:
            done = services.lift(alert=alert, actor_id=actor_id, note=fields["note"])
        return Response(alert_json(done))


class MonitorAnswer(serializers.ModelSerializer[Monitor]):
    annotator = serializers.CharField(source="enrollment.pseudonym")
    level = serializers.FloatField(help_text="How near to an alarm, which is at 1.")
    seen = serializers.IntegerField(help_text="How many judgments have entered.")
    since = serializers.IntegerField(
        help_text="The change that it speaks for began after this judgment."
    )

    class Meta:
        model = Monitor
        fields: tuple[str, ...] = ("annotator", "kind", "level", "seen", "since", "at")


class Monitors(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(MonitorAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """What is watched of each annotator of a project, and how near each is to an alarm."""
        rows = Monitor.objects.filter(project=project, enrollment__isnull=False)
        answer: Response = page(
            request, rows.select_related("enrollment").defer("state"), MonitorAnswer
        )
        return answer
