"""Agreement and consensus over REST, of one question of the form at a time."""

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
from projects.quality.models import AgreementSnapshot, Tally
from projects.stats.consensus import PRIOR_ACCURACY, consensus
from rlhfhub.api.pagination import KeyPages, page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.ground.refusals import invalid


class PositionAnswer(serializers.Serializer[Any]):
    decided = serializers.IntegerField(help_text="First answers that took a side.")
    chose_first = serializers.IntegerField(help_text="Those that chose the response shown first.")
    share = serializers.FloatField(
        help_text="Their share, 0 to 1; 0.5 where the place does not matter."
    )
    low = serializers.FloatField(help_text="Lower end of its 95 % interval (Wilson).")
    high = serializers.FloatField(help_text="Upper end of its 95 % interval.")


class Snapshot(serializers.ModelSerializer[AgreementSnapshot]):
    verdict = serializers.ChoiceField(
        choices=["reliable", "tentative", "unreliable"],
        allow_null=True,
        help_text="What α allows: from 0.8 on reliable, from 0.667 on tentative conclusions.",
    )
    position = PositionAnswer(
        allow_null=True, help_text="The position effect; null where no two responses are compared."
    )
    alpha = serializers.FloatField(
        allow_null=True,
        help_text="Krippendorff's, at the scale's level: 1 is perfect, 0 is chance. Null while undefined.",
    )
    low = serializers.FloatField(allow_null=True, help_text="Lower end of its 95 % interval.")
    high = serializers.FloatField(allow_null=True, help_text="Upper end of its 95 % interval.")
    percent = serializers.FloatField(
        allow_null=True, help_text="Share of pairs of answers that agree, 0 to 1."
    )
    percent_without_ties = serializers.FloatField(allow_null=True)
    answered = serializers.IntegerField(help_text="Items with an answer.")
    items = serializers.IntegerField(
        help_text="Those with two first answers or more, which α and percent rest on."
    )
    counts = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Judgments in each category of the question's scale, in its order.",
    )

    class Meta:
        model = AgreementSnapshot
        fields: tuple[str, ...] = (
            "question",
            "level",
            "alpha",
            "verdict",
            "low",
            "high",
            "percent",
            "percent_without_ties",
            "answered",
            "items",
            "pairs",
            "annotations",
            "position",
            "counts",
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


class QuestionQuery(PageQuery):
    question = serializers.CharField(
        required=False,
        help_text="A question of the form that has judgments; without one, the first of them.",
    )


class LeadAnswer(serializers.Serializer[Any]):
    value = serializers.IntegerField(help_text="A value of the question's scale.")
    words = serializers.CharField()
    units = serializers.IntegerField(help_text="Where this answer leads alone.")


class LeadsAnswer(serializers.Serializer[Any]):
    units = serializers.IntegerField(
        help_text="Items with a counted answer; of a question about each response, responses."
    )
    leads = LeadAnswer(many=True)
    contested = serializers.IntegerField(help_text="Where no answer leads alone.")
    probability = serializers.FloatField(
        allow_null=True, help_text="Mean probability that the leading answer is the right one."
    )


class AgreementAnswer(serializers.Serializer[Any]):
    question = serializers.CharField(allow_null=True, help_text="Null: no question has judgments.")
    questions = serializers.ListField(
        child=serializers.CharField(), help_text="Those that can be asked for."
    )
    project = Snapshot(allow_null=True, help_text="The latest; null before the first answer.")
    batches = BatchSnapshot(
        many=True, help_text="Those with answers, newest first, a page of them."
    )
    batches_next = serializers.URLField(
        allow_null=True, help_text="Where the next page of batches is."
    )
    consensus = LeadsAnswer(allow_null=True)
    history = Point(many=True, help_text="At most 200 points, oldest first.")


def _asked(question: str | None, project: Project) -> tuple[str, Scale | None]:
    """The question asked for, or the project's headline, with its scale. Raises Refused for one that has none."""
    scales = selectors.scales_of(project)
    name = next(iter(scales), "") if question is None else question
    if question is not None and name not in scales:
        raise invalid("question", "choose from " + (", ".join(scales) or "none: nothing is judged"))
    return name, scales.get(name)


class Agreement(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": QuestionQuery}
    finds: ClassVar = {"project": by_id(Project, "form")}

    @extend_schema(responses=AgreementAnswer)
    def get(self, request: Request, project: Project) -> Response:
        """How far annotators agree, now and over time."""
        question, scale = _asked(self.query.get("question"), project)
        course = history.points(project_id=project.pk, question=question)
        latest = course[-1] if course else None
        pages = KeyPages("-number")
        measured = history.measured_batches(project_id=project.pk, question=question)
        pages.take(measured, request, lambda b: b.number)
        batches = history.snapshots_of(pages.page or [])
        return Response(
            {
                "question": question or None,
                "questions": list(selectors.scales_of(project)),
                "project": Snapshot(latest).data if latest else None,
                "batches": BatchSnapshot(batches, many=True).data,
                "batches_next": pages.get_next_link(),
                "consensus": _consensus(project, question, scale, latest),
                "history": Point(course, many=True).data,
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
        help_text="What was judged: `helpfulness@1` is response 1, `preference@0-1` that pair."
    )
    votes = serializers.ListField(
        child=serializers.IntegerField(), help_text="Counted answers in each category of the scale."
    )
    value = serializers.IntegerField(
        allow_null=True, help_text="The answer that leads alone; null while contested."
    )
    probability = serializers.FloatField(
        allow_null=True, help_text="That the leading answer is the right one, as is known now."
    )


class ConsensusAnswer(serializers.ModelSerializer[Tally]):
    item = serializers.UUIDField(source="item_id")
    external_id = serializers.CharField(source="item.external_id")
    facets = serializers.SerializerMethodField()

    class Meta:
        model = Tally
        fields: tuple[str, ...] = (
            "item",
            "external_id",
            "question",
            "answers",
            "facets",
            "updated_at",
        )

    @extend_schema_field(FacetAnswer(many=True))
    def get_facets(self, row: Tally) -> list[dict[str, Any]]:
        scale, accuracy = self.context["scale"], self.context["accuracy"]
        labels = [category.value for category in scale.categories]
        found = []
        for unit, votes in zip(row.facets, row.counted, strict=True):
            said = consensus(votes, accuracy, labels)
            found.append(
                {
                    "unit": unit,
                    "votes": votes,
                    "value": said.label,
                    "probability": said.probability,
                }
            )
        return found


class ConsensusOfItems(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": QuestionQuery}
    finds: ClassVar = {"batch": by_id(Batch, "project__form")}

    @extend_schema(responses=paged(ConsensusAnswer))
    def get(self, request: Request, batch: Batch) -> Response:
        """What the counted answers on each item of the batch say so far, newest first."""
        question, scale = _asked(self.query.get("question"), batch.project)
        accuracy = selectors.accuracy_on(batch.project_id, question)
        context = {"scale": scale, "accuracy": accuracy}
        rows = Tally.objects.filter(batch=batch, question=question).select_related("item")
        rows = rows.defer("item__prompt", "item__responses", "item__context", "item__metadata")
        return page(request, rows, partial(ConsensusAnswer, context=context))
