"""The record of a workspace over REST, for its members and for annotators."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.review.record import selectors
from projects.review.record.selectors import Record
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.views import DeskAPIView, WorkspaceAPIView


class RecordAnswer(serializers.Serializer[Any]):
    """Of the answers for data that were submitted in the 90 days before `at`."""

    decided = serializers.IntegerField()
    by_clock = serializers.IntegerField(help_text="Accepted because nobody decided in time.")
    median_seconds = serializers.FloatField(
        allow_null=True, help_text="Median time from submission to decision."
    )
    rejected = serializers.IntegerField()
    appeals = serializers.IntegerField(help_text="Rejections with an appeal that was decided.")
    overturned = serializers.IntegerField(help_text="Rejections that were paid after all.")
    clock_share = serializers.FloatField(
        allow_null=True, help_text="Null from fewer than 20 decided answers, as `rejected_share`."
    )
    rejected_share = serializers.FloatField(allow_null=True)
    overturned_share = serializers.FloatField(
        allow_null=True, help_text="Of rejections; null from fewer than 5."
    )
    appeals_overturned_share = serializers.FloatField(
        allow_null=True, help_text="Of decided appeals; null from fewer than 5."
    )
    at = serializers.DateTimeField(help_text="When it was counted, about once a day.")


class MarketAnswer(serializers.Serializer[Any]):
    """Medians over all workspaces with 20 decided answers; null while fewer than five have them."""

    workspaces = serializers.IntegerField()
    median_seconds = serializers.FloatField(allow_null=True)
    clock_share = serializers.FloatField(allow_null=True)
    rejected_share = serializers.FloatField(allow_null=True)


class OwnRecordAnswer(serializers.Serializer[Any]):
    record = RecordAnswer(allow_null=True, help_text="Null before it was counted.")
    market = MarketAnswer()


class DeskRecordAnswer(serializers.Serializer[Any]):
    record = RecordAnswer(allow_null=True, help_text="Null before it was counted.")


def _shown(record: Record | None) -> dict[str, Any] | None:
    return RecordAnswer(record).data if record else None


class OwnRecord(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}

    @extend_schema(responses=OwnRecordAnswer)
    def get(self, request: Request) -> Response:
        """Return how your workspace decides on answers, as annotators see it, beside the market."""
        market = MarketAnswer(selectors.market()).data
        return Response({"record": _shown(selectors.record_of_workspace()), "market": market})


class DeskRecord(DeskAPIView):
    @extend_schema(responses=DeskRecordAnswer)
    def get(self, request: Request) -> Response:
        """Return how the workspace of this key decides on answers."""
        workspace_id = caller_of(request).workspace_id
        record = selectors.records_of([workspace_id]).get(workspace_id)
        return Response({"record": _shown(record)})
