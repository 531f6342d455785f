"""Agreement and consensus over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality import history
from projects.quality.models import AgreementSnapshot, Consensus
from projects.stats.consensus import PRIOR_ACCURACY
from rlhfhub.api.pagination import KeyPages, page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id


class Snapshot(serializers.ModelSerializer[AgreementSnapshot]):
    alpha = serializers.FloatField(
        allow_null=True,
        help_text="Krippendorff's, ordinal: 1 is perfect, 0 is chance. Null while undefined.",
    )
    low = serializers.FloatField(allow_null=True, help_text="Lower end of its 95 % interval.")
    high = serializers.FloatField(allow_null=True, help_text="Upper end of its 95 % interval.")
    percent = serializers.FloatField(
        allow_null=True, help_text="Share of pairs of answers that agree, 0 to 1."
    )
    percent_without_ties = serializers.FloatField(allow_null=True)
    votes = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="First better, tie, second better, in stored order.",
    )

    class Meta:
        model = AgreementSnapshot
        fields: tuple[str, ...] = (
            "alpha",
            "low",
            "high",
            "percent",
            "percent_without_ties",
            "items",
            "pairs",
            "annotations",
            "votes",
            "at",
        )


class BatchSnapshot(Snapshot):
    batch = serializers.UUIDField(source="batch_id")

    class Meta(Snapshot.Meta):
        fields = ("batch", *Snapshot.Meta.fields)


class Point(serializers.ModelSerializer[AgreementSnapshot]):
    class Meta:
        model = AgreementSnapshot
        fields: tuple[str, ...] = ("at", "annotations", "alpha", "low", "high", "percent")


class Summary(serializers.Serializer[Any]):
    items = serializers.IntegerField(help_text="Items with an answer.")
    first = serializers.IntegerField(help_text="Where the first response leads.")
    tie = serializers.IntegerField()
    second = serializers.IntegerField()
    contested = serializers.IntegerField(help_text="Where no answer leads alone.")
    probability = serializers.FloatField(
        allow_null=True, help_text="Mean probability that the leading answer is the right one."
    )


class AgreementAnswer(serializers.Serializer[Any]):
    project = Snapshot(allow_null=True, help_text="The latest; null before the first answer.")
    batches = BatchSnapshot(
        many=True, help_text="Those with answers, newest first, a page of them."
    )
    batches_next = serializers.URLField(
        allow_null=True, help_text="Where the next page of batches is."
    )
    consensus = Summary()
    history = Point(many=True, help_text="At most 200 points, oldest first.")


class Agreement(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=AgreementAnswer)
    def get(self, request: Request, project: Project) -> Response:
        """How far annotators agree, now and over time."""
        course = history.points(project_id=project.pk)
        latest = course[-1] if course else None
        accuracy = latest.accuracy if latest else PRIOR_ACCURACY
        pages = KeyPages("-number")
        pages.take(history.measured_batches(project_id=project.pk), request, lambda b: b.number)
        batches = history.snapshots_of(pages.page or [])
        return Response(
            {
                "project": Snapshot(latest).data if latest else None,
                "batches": BatchSnapshot(batches, many=True).data,
                "batches_next": pages.get_next_link(),
                "consensus": history.consensus_summary(project_id=project.pk, accuracy=accuracy),
                "history": Point(course, many=True).data,
            }
        )


class ConsensusAnswer(serializers.ModelSerializer[Consensus]):
    item = serializers.UUIDField(source="item_id")
    external_id = serializers.CharField(source="item.external_id")
    label = serializers.IntegerField(  # type: ignore[assignment]
        allow_null=True,
        help_text="-1 the first response, 0 a tie, 1 the second; null while contested.",
    )
    votes = serializers.SerializerMethodField(help_text="First better, tie, second better.")

    class Meta:
        model = Consensus
        fields: tuple[str, ...] = (
            "item",
            "external_id",
            "votes",
            "label",
            "probability",
            "updated_at",
        )

    def get_votes(self, row: Consensus) -> list[int]:
        return [row.first, row.tie, row.second]


class ConsensusOfItems(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"batch": by_id(Batch)}

    @extend_schema(responses=paged(ConsensusAnswer))
    def get(self, request: Request, batch: Batch) -> Response:
        """What the answers on each item of the batch say so far, newest first."""
        rows = Consensus.objects.filter(batch=batch).select_related("item")
        rows = rows.defer("item__prompt", "item__responses", "item__context", "item__metadata")
        return page(request, rows, ConsensusAnswer)
