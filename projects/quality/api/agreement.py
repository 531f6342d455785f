"""Agreement and consensus over REST, for one question of the form at a time."""

from functools import partial
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.items.models import Batch
from projects.kinds.protocol import Scale
from projects.plan.models import Project
from projects.quality import history, leads, selectors
from projects.quality.api.figures import BatchSnapshot, Snapshot, judged_as
from projects.quality.api.questions import QuestionQuery, asked
from projects.quality.models import AgreementSnapshot, Tally
from projects.review.adjudication import selectors as adjudications
from projects.stats.consensus import PRIOR_ACCURACY, consensus
from rlhfhub.api.pagination import KeyPages, page
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id


class Point(serializers.ModelSerializer[AgreementSnapshot]):
    class Meta:
        model = AgreementSnapshot
        fields: tuple[str, ...] = ("at", "annotations", "alpha", "low", "high", "percent")


class LeadAnswer(serializers.Serializer[Any]):
    value = serializers.IntegerField(help_text="A value of the question's scale.")
    words = serializers.CharField(help_text="What the value means, in words.")
    units = serializers.IntegerField(help_text="Units on which most answers give this value.")


class LeadsAnswer(serializers.Serializer[Any]):
    units = serializers.IntegerField(
        help_text="Items that have a counted answer. For a question about each response, a unit is a "
        "response and not an item."
    )
    leads = LeadAnswer(many=True, help_text="One entry for each value of the scale.")
    contested = serializers.IntegerField(
        help_text="Units on which two or more values have the most answers."
    )
    probability = serializers.FloatField(
        allow_null=True,
        help_text="Mean probability, 0 to 1, that the leading value is the true one. Null without answers.",
    )


class AgreementAnswer(serializers.Serializer[Any]):
    question = serializers.CharField(
        allow_null=True,
        help_text="The question that the figures are about. Null if no question makes judgments.",
    )
    questions = serializers.ListField(
        child=serializers.CharField(),
        help_text="The names that the parameter `question` can have.",
    )
    project = Snapshot(
        allow_null=True,
        help_text="The latest figures of the whole project. Null before the first answer.",
    )
    batches = BatchSnapshot(
        many=True,
        help_text="The latest figures of each batch that has answers, newest batch first, one page.",
    )
    batches_next = serializers.URLField(
        allow_null=True, help_text="The URL of the next page of batches. Null on the last page."
    )
    consensus = LeadsAnswer(
        allow_null=True, help_text="On how many units each value leads. Null without a question."
    )
    history = Point(
        many=True, help_text="The project's figures over time: at most 200 points, oldest first."
    )


class Agreement(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": QuestionQuery}
    finds: ClassVar = {"project": by_id(Project, "form")}

    @extend_schema(responses=AgreementAnswer)
    def get(self, request: Request, project: Project) -> Response:
        """Return how far the project's annotators agree, now and over time, and on how many units each value leads."""
        question, scale = asked(self.query.get("question"), project)
        points = history.points(project_id=project.pk, question=question)
        latest = points[-1] if points else None
        pages = KeyPages("-number")
        measured = history.measured_batches(project_id=project.pk, question=question)
        pages.take(measured, request, lambda b: b.number)
        batches = history.snapshots_of(pages.page or [])
        context = judged_as(project)
        return Response(
            {
                "question": question or None,
                "questions": list(selectors.scales_of(project)),
                "project": Snapshot(latest, context=context).data if latest else None,
                "batches": BatchSnapshot(batches, many=True, context=context).data,
                "batches_next": pages.get_next_link(),
                "consensus": _consensus(project, question, scale, latest),
                "history": Point(points, many=True).data,
            }
        )


def _consensus(
    project: Project, question: str, scale: Scale | None, latest: AgreementSnapshot | None
) -> Any:
    if scale is None:
        return None
    accuracy = latest.accuracy if latest else PRIOR_ACCURACY
    found = leads.leads_of(project_id=project.pk, question=question, scale=scale, accuracy=accuracy)
    return LeadsAnswer(found).data


class FacetAnswer(serializers.Serializer[Any]):
    unit = serializers.CharField(
        help_text="What was judged: `helpfulness@1` is response 1, `preference@0-1` the pair of "
        "responses 0 and 1, counted in the item's own order."
    )
    votes = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Number of counted answers in each category of the scale.",
    )
    value = serializers.IntegerField(
        allow_null=True,
        help_text="The value with the most answers. Null if two values have as many.",
    )
    probability = serializers.FloatField(
        allow_null=True,
        help_text="Probability, 0 to 1, that the leading value is the true one, given what is known of "
        "the annotators now. Null without answers.",
    )


class ConsensusAnswer(serializers.ModelSerializer[Tally]):
    item = serializers.UUIDField(source="item_id")
    external_id = serializers.CharField(source="item.external_id")
    adjudicated = serializers.BooleanField(
        help_text="Whether a reviewer gave a final answer, which datasets use in place of this consensus."
    )
    facets = serializers.SerializerMethodField()

    class Meta:
        model = Tally
        fields: tuple[str, ...] = (
            "item",
            "external_id",
            "question",
            "answers",
            "adjudicated",
            "facets",
            "updated_at",
        )

    @extend_schema_field(FacetAnswer(many=True))
    def get_facets(self, row: Tally) -> list[dict[str, Any]]:
        scale, accuracy = self.context["scale"], self.context["accuracy"]
        labels = [category.value for category in scale.categories]
        found = []
        for unit, votes in zip(row.facets, row.counted, strict=True):
            result = consensus(votes, accuracy, labels)
            found.append(
                {
                    "unit": unit,
                    "votes": votes,
                    "value": result.label,
                    "probability": result.probability,
                }
            )
        return found


class ConsensusOfItems(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": QuestionQuery}
    finds: ClassVar = {"batch": by_id(Batch, "project__form")}

    @extend_schema(responses=paged(ConsensusAnswer))
    def get(self, request: Request, batch: Batch) -> Response:
        """List the consensus of the counted answers on each item of the batch so far, newest item first."""
        question, scale = asked(self.query.get("question"), batch.project)
        accuracy = selectors.accuracy_on(batch.project_id, question)
        context = {"scale": scale, "accuracy": accuracy}
        rows = Tally.objects.filter(batch=batch, question=question).select_related("item")
        rows = rows.annotate(adjudicated=adjudications.stands()).defer(
            "item__prompt", "item__responses", "item__context", "item__metadata"
        )
        return page(request, rows, partial(ConsensusAnswer, context=context))
