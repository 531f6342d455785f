"""A project's items over REST, with what was said of them."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.items.api.shapes import ItemAnswer
from projects.items.models import Batch, Item
from projects.overview.finding import Filters
from projects.overview.forms import FilterForm
from projects.overview.item import item_of
from projects.overview.items import ItemsFound, items_found
from projects.plan.models import Project
from rlhfhub.api.queries import PageQuery, QueryId
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.ground.refusals import Refused, invalid

SIZE = 50


class LeadOfFacet(serializers.Serializer[Any]):
    value = serializers.IntegerField(
        allow_null=True, help_text="The answer that leads alone; null while contested."
    )
    words = serializers.CharField(allow_blank=True)
    probability = serializers.FloatField(
        allow_null=True,
        help_text="That the leading answer is the right one, as is known now. The same votes have the same.",
    )
    votes = serializers.IntegerField(help_text="Counted answers.")


class ItemLineAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    external_id = serializers.CharField()
    batch = serializers.UUIDField(source="batch_id")
    answers = serializers.IntegerField()
    returned = serializers.IntegerField(help_text="How many annotators gave it back.")
    contested = serializers.BooleanField(help_text="No answer leads alone.")
    leads = LeadOfFacet(
        many=True, help_text="On the form's first question that has judgments, for each facet."
    )
    created_at = serializers.DateTimeField()


class AnswerOfItem(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="The annotation's.")
    annotator = serializers.CharField(help_text="A pseudonym in this project.")
    shown = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Indexes of the item's responses in the order that the annotator saw. Texts call index 0 A, 1 B …",
    )
    summary = serializers.ListField(
        child=serializers.CharField(),
        help_text="A line for each question answered. Response A is index 0, in whatever order it was shown.",
    )
    marks = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Short words on responses, by their index.",
    )
    seconds = serializers.FloatField()
    state = serializers.CharField()
    set_aside = serializers.BooleanField()
    guideline_version = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    revised_at = serializers.DateTimeField(allow_null=True)
    revisions = serializers.ListField(
        child=serializers.CharField(), help_text="What reviewers asked to be revised."
    )


class VotesAnswer(serializers.Serializer[Any]):
    words = serializers.CharField()
    count = serializers.IntegerField()


class ConsensusOfFacet(serializers.Serializer[Any]):
    unit = serializers.CharField()
    votes = VotesAnswer(many=True)
    lead = LeadOfFacet()


class ConsensusOfQuestion(serializers.Serializer[Any]):
    question = serializers.CharField()
    facets = ConsensusOfFacet(many=True)


class ReturnReasonAnswer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    count = serializers.IntegerField()
    notes = serializers.ListField(child=serializers.CharField())


class OneItemAnswer(serializers.Serializer[Any]):
    """An item as it was imported, and what became of it."""

    item = ItemAnswer()
    batch = serializers.UUIDField(source="item.batch_id")
    answers = AnswerOfItem(many=True)
    consensus = ConsensusOfQuestion(many=True)
    returns = ReturnReasonAnswer(
        many=True, help_text="Why annotators gave it back, the most frequent reason first."
    )


class ItemsQuery(PageQuery):
    external_id = serializers.CharField(
        required=False, trim_whitespace=False, help_text="External ids that begin so."
    )
    show = serializers.ChoiceField(
        required=False,
        choices=["contested", "tied", "unanswered", "returned"],
        help_text="No answer leads alone; the tie leads; funded and without an answer; given back.",
    )
    key = serializers.CharField(required=False, help_text="A declared metadata key, with `value`.")
    value = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="The text of the key's value, exactly.",
    )
    batch = QueryId(required=False, help_text="Of this batch only.")


class ProjectItems(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": ItemsQuery}
    finds: ClassVar = {"project": by_id(Project, "form")}

    @extend_schema(responses=paged(ItemLineAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """The project's items, with what is said of them so far.

        Where several filters leave few items, a page may have fewer than asked for, or none, and a `next`.
        """
        size = self.query.get("page_size", SIZE)
        filters, after = _filters(self.query, project), self.query.get("cursor", "")
        try:
            found = items_found(project, filters, after=after, size=size)
        except ValueError as error:
            raise invalid("cursor", "leads nowhere; take it from `next`") from error
        results = ItemLineAnswer(found.lines, many=True).data
        return Response({"next": _next(request, found), "previous": None, "results": results})


def _filters(query: dict[str, Any], project: Project) -> Filters:
    """What the query asks for. Raises Refused for what this project does not have."""
    form = FilterForm({name: str(value) for name, value in query.items()}, project=project)
    if not form.is_valid():
        wrong = [
            {"row": None, "field": name, "message": str(messages[0])}
            for name, messages in form.errors.items()
        ]
        words = "; ".join(f"{each['field']}: {each['message']}" for each in wrong)
        raise Refused("invalid", words, errors=wrong)
    filters = form.filters()
    if filters.batch and not Batch.objects.filter(project=project, pk=filters.batch).exists():
        raise invalid("batch", "no such batch in this project")
    return filters


def _next(request: Request, found: ItemsFound) -> str | None:
    if not found.after:
        return None
    query = {**request.query_params.dict(), "cursor": found.after}
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")


class SingleItem(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"item": by_id(Item, "project__form", "batch")}

    @extend_schema(responses=OneItemAnswer)
    def get(self, request: Request, item: Item) -> Response:
        """One item with all its answers, the consensus as it is now, and why annotators gave it back."""
        return Response(OneItemAnswer(item_of(item, item.project)).data)
