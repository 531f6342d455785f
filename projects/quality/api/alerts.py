"""Alerts, the monitors behind them, and how an annotator does, over REST."""

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.calibration.services.attempts import Recalibration
from projects.plan.models import Project
from projects.quality.alerts import affected, selectors, services
from projects.quality.alerts.models import Alert
from projects.quality.alerts.standing import Standing, standing_of
from projects.quality.alerts.texts import side_by_side
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Flag, Text
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import KeyPages, page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id

_DECIDED = OpenApiResponse(
    description="The alert is decided (`decided`), about the caller's own work (`own_work`), or there is nothing to "
    "recalibrate with (`no_round`; `recalibration` of the open alert says so before)."
)


class AlertRow(serializers.ModelSerializer[Alert]):
    annotator = serializers.CharField(
        source="enrollment.pseudonym",
        default=None,
        help_text="The annotator's pseudonym. Null for an alert about the whole project.",
    )
    title = serializers.SerializerMethodField(help_text="What was found, in a sentence.")

    @extend_schema_field(serializers.CharField())
    def get_title(self, alert: Alert) -> str:
        return selectors.shown(alert).title

    class Meta:
        model = Alert
        fields: tuple[str, ...] = (
            *("id", "annotator", "kind", "title", "state", "opened_at", "lifts_at", "swapped_at"),
            *("reply", "by", "decided_at", "note"),
        )


class PointAnswer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="The number of the judgment in the monitor.")
    value = serializers.FloatField(allow_null=True, help_text="What entered.")
    level = serializers.FloatField(help_text="How near to an alarm, which is at 1.")


class FastAnswer(serializers.Serializer[Any]):
    answers = serializers.IntegerField(help_text="How many of the newest answers were counted.")
    seconds = serializers.FloatField(help_text="Their median time.")
    words = serializers.FloatField(help_text="The median length of their texts, in words.")
    usual_seconds = serializers.FloatField(
        allow_null=True, help_text="Usual in the project for such texts. Null until it is known."
    )


class EvidenceAnswer(serializers.Serializer[Any]):
    at = serializers.IntegerField(help_text="The judgment at which the alarm came.")
    since = serializers.IntegerField(help_text="The estimated change came after this judgment.")
    before = serializers.FloatField(allow_null=True, help_text="Mean of what entered until then.")
    after = serializers.FloatField(allow_null=True, help_text="Mean of what entered since.")
    signs = serializers.ListField(child=serializers.CharField())
    others = serializers.ListField(
        child=serializers.CharField(), help_text="Other annotators that this one was found with."
    )
    count = serializers.IntegerField(
        help_text="What a search found: items for `pair`, texts for `copies`, answers for `pasted`."
    )
    expected = serializers.FloatField(help_text="How many of `count` chance explains.")
    of = serializers.IntegerField(
        help_text="How many of these the search looked at; for `pair` the items that both answered."
    )
    fast = FastAnswer(allow_null=True, help_text="For an alert about speed: what was measured.")
    points = PointAnswer(many=True, help_text="At most 200 judgments, evenly spread.")


class AffectedByPurpose(serializers.Serializer[Any]):
    for_data = serializers.IntegerField(source="data", help_text="Answers for the project's data.")
    keyed = serializers.IntegerField(help_text="Answers to items with a known right answer.")
    repeats = serializers.IntegerField(help_text="Answers to items that were asked a second time.")


class StandingAnswer(serializers.Serializer[Standing]):
    accepted = serializers.IntegerField()
    undecided = serializers.IntegerField(help_text="Not decided yet.")
    rejected = serializers.IntegerField()
    exported = serializers.IntegerField(help_text="In exports.")


class TextAnswer(serializers.Serializer[Any]):
    annotation = serializers.UUIDField(source="annotation_id")
    annotator = serializers.CharField()
    item = serializers.UUIDField(source="item_id")
    external_id = serializers.CharField()
    text = serializers.CharField(help_text="At most 600 characters.")


class RecalibrationAnswer(serializers.Serializer[Any]):
    is_possible = serializers.BooleanField(help_text="Whether `recalibrate` can begin one now.")
    follows = serializers.BooleanField(
        help_text="Whether the annotator calibrates in any case, once they accept the guidelines in force. Then "
        "`recalibrate` begins nothing more."
    )
    words = serializers.CharField(help_text="Why it is not possible now; else empty.")


class AlertAnswer(AlertRow):
    chance = serializers.CharField(help_text="How many such alerts chance alone gives.")
    what_to_do = serializers.CharField()
    affected = serializers.IntegerField(
        help_text="Affected answers for data, however many. `answers/` lists them all, and the others."
    )
    affected_by_purpose = AffectedByPurpose()
    recalibration = RecalibrationAnswer(
        allow_null=True,
        help_text="As it was before the decision. Null if that was made before, or the alert is about no annotator.",
    )
    standing = StandingAnswer(help_text="What became of the affected answers for data.")
    evidence = EvidenceAnswer()
    texts = serializers.ListField(
        child=TextAnswer(many=True),
        help_text="Groups of texts that are nearly the same, the newest.",
    )

    class Meta(AlertRow.Meta):
        fields = (
            *AlertRow.Meta.fields,
            *("chance", "what_to_do", "affected", "affected_by_purpose"),
            *("recalibration", "standing", "evidence", "texts"),
        )


def alert_json(alert: Alert, recalibration: Recalibration | None) -> dict[str, Any]:
    """Return an alert that was read with its enrollment as JSON."""
    shown, counts = selectors.shown(alert), affected.counts(alert)
    return {
        **AlertRow(alert).data,
        "chance": shown.chance,
        "what_to_do": shown.what_to_do,
        "affected": counts.data,
        "affected_by_purpose": AffectedByPurpose(counts).data,
        "recalibration": RecalibrationAnswer(recalibration).data if recalibration else None,
        "standing": StandingAnswer(standing_of(alert)).data,
        "evidence": EvidenceAnswer(shown.evidence).data,
        "texts": [TextAnswer(group, many=True).data for group in side_by_side(shown.evidence)],
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
        rows = selectors.alerts_of(project, **given)
        answer: Response = page(request, rows, AlertRow)
        return answer


class OneAlert(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"alert": by_id(Alert, "enrollment")}

    @extend_schema(responses=AlertAnswer)
    def get(self, request: Request, alert: Alert) -> Response:
        """An alert with its evidence."""
        return Response(alert_json(alert, selectors.recalibration_of(alert)))


class GivenAnswer(serializers.Serializer[Any]):
    words = serializers.CharField()
    people = serializers.IntegerField(help_text="How many others gave this answer.")


class ComparedQuestion(serializers.Serializer[Any]):
    question = serializers.CharField()
    answer = serializers.CharField(help_text="In words. A is response 0 of the item, B response 1.")
    others = GivenAnswer(many=True, help_text="None for a text.")
    right = serializers.ListField(
        child=serializers.CharField(), help_text="The right answers of a keyed item, in words."
    )
    is_right = serializers.BooleanField(
        allow_null=True, help_text="Null unless three or more people agree on the right answer."
    )


class AffectedAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="annotation.pk", help_text="The id of the annotation.")
    annotator = serializers.CharField(source="annotation.enrollment.pseudonym")
    item = serializers.UUIDField(source="annotation.item_id")
    external_id = serializers.CharField(source="annotation.item.external_id")
    purpose = serializers.CharField(source="annotation.purpose")
    questions = ComparedQuestion(many=True)
    seconds = serializers.FloatField(source="annotation.seconds")
    least_seconds = serializers.FloatField(
        source="annotation.least_seconds",
        allow_null=True,
        help_text="The least that a careful answer takes. Null until the answer has entered the monitor of time.",
    )
    pasted_percent = serializers.IntegerField(
        source="annotation.pasted_percent",
        allow_null=True,
        help_text="How much of the text was pasted.",
    )
    state = serializers.CharField(source="annotation.state")
    submitted_at = serializers.DateTimeField(source="annotation.submitted_at")


class AnswersOfAlert(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"alert": by_id(Alert, "enrollment", "project__form")}

    @extend_schema(responses=paged(AffectedAnswer))
    def get(self, request: Request, alert: Alert) -> Response:
        """List the affected answers beside those of the others, newest first."""
        pages = KeyPages()
        pages.take(selectors.affected_rows(alert), request, lambda row: str(row.pk))
        rows = pages.page or []
        found = selectors.compared_with_others(alert, rows) if rows else []
        return pages.get_paginated_response(AffectedAnswer(found, many=True).data)


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

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what only an upheld alert can ask for."""
        if attrs["verdict"] == "lift":
            wrong = [name for name in ("recalibrate", "flag_answers") if attrs.get(name)]
            if wrong:
                words = "Only an alert that is upheld can ask for this."
                raise serializers.ValidationError({name: [words] for name in wrong})
        return attrs


class DecideAlert(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"alert": by_id(Alert, "enrollment", "project")}

    @extend_schema(request=DecideBody, responses={200: AlertAnswer, 409: _DECIDED})
    @idempotent
    def post(self, request: Request, alert: Alert) -> Response:
        """Uphold or lift an open alert, in the name of the member who made the API key."""
        fields = DecideBody.read(request)
        actor_id: uuid.UUID = caller_of(request).created_by_id
        before = selectors.recalibration_of(alert)
        if fields.pop("verdict") == "uphold":
            done = services.uphold(alert=alert, actor_id=actor_id, **fields)
        else:
            done = services.lift(alert=alert, actor_id=actor_id, note=fields["note"])
        return Response(alert_json(done, before))
