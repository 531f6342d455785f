"""The items of a project over REST, with their answers and the consensus on them."""

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
        allow_null=True,
        help_text="The value of the answer that leads alone; null if none does (contested).",
    )
    words = serializers.CharField(allow_blank=True)
    probability = serializers.FloatField(
        allow_null=True,
        help_text="Probability, 0 to 1, that the leading answer is the right one, by what is known now.",
    )
    votes = serializers.IntegerField(help_text="Number of counted answers.")


class ItemLineAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    external_id = serializers.CharField()
    batch = serializers.UUIDField(source="batch_id")
    answers = serializers.IntegerField()
    returned = serializers.IntegerField(
        help_text="Number of annotators who returned it unanswered."
    )
    contested = serializers.BooleanField(
        help_text="Whether there is a facet on which no answer leads alone."
    )
    adjudicated = serializers.BooleanField(
        help_text="Whether a reviewer gave a final answer, which datasets use in place of the leading ones."
    )
    leads = LeadOfFacet(
        many=True,
        help_text="The leading answer on each facet of the form's first question that has judgments.",
    )
    created_at = serializers.DateTimeField()


class AnswerOfItem(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="The id of the annotation.")
    annotator = serializers.CharField(help_text="The annotator's pseudonym in this project.")
    shown = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Indexes of the item's responses in the order in which the annotator saw them. Texts call index 0 A.",
    )
    summary = serializers.ListField(
        child=serializers.CharField(),
        help_text="One line for each answered question. Response A is index 0, in whatever order it was shown.",
    )
    marks = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Short words about responses, by the response's index in the item.",
    )
    seconds = serializers.FloatField()
    state = serializers.CharField()
    set_aside = serializers.BooleanField()
    guideline_version = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    revised_at = serializers.DateTimeField(allow_null=True)
    revisions = serializers.ListField(
        child=serializers.CharField(), help_text="What reviewers asked the annotator to revise."
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


class FinalOfItem(serializers.Serializer[Any]):
    number = serializers.IntegerField(
        help_text="How many final answers and withdrawals there are, with this one."
    )
    summary = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField(help_text="Why, in the reviewer's words.")
    decided_at = serializers.DateTimeField()


class OneItemAnswer(serializers.Serializer[Any]):
    """An item as it was imported, with its answers, the consensus on them, and its returns."""

    item = ItemAnswer()
    batch = serializers.UUIDField(source="item.batch_id")
    answers = AnswerOfItem(many=True)
    consensus = ConsensusOfQuestion(many=True)
    final = FinalOfItem(
        allow_null=True,
        source="final.standing",
        help_text="The final answer by a reviewer, which datasets use in place of the consensus. Null if none stands.",
    )
    returns = ReturnReasonAnswer(
        many=True,
        help_text="Why annotators returned it unanswered, the most frequent reason first.",
    )


class ItemsQuery(PageQuery):
    external_id = serializers.CharField(
        required=False,
        trim_whitespace=False,
        help_text="Only items whose external id begins with this text.",
    )
    show = serializers.ChoiceField(
        required=False,
        choices=["contested", "tied", "unanswered", "returned", "adjudicated"],
        help_text="Only items on which no answer leads alone (`contested`), on which the tie leads (`tied`), that are "
        "funded and have no answer (`unanswered`), that an annotator returned unanswered (`returned`), or whose final "
        "answer a reviewer gave (`adjudicated`).",
    )
    key = serializers.CharField(
        required=False,
        help_text="A declared metadata key: only items that have `value` under it.",
    )
    value = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="The exact value under `key`, as text.",
    )
    batch = QueryId(required=False, help_text="Only items of this batch.")


class ProjectItems(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": ItemsQuery}
    finds: ClassVar = {"project": by_id(Project, "form")}

    @extend_schema(responses=paged(ItemLineAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """List the project's items with the leading answers so far.

        If several filters are set and few items pass them, a page may have fewer items than `page_size`, or none, and
        still a `next`: follow it until it is null.
        """
        size = self.query.get("page_size", SIZE)
        filters, after = _filters(self.query, project), self.query.get("cursor", "")
        try:
            found = items_found(project, filters, after=after, size=size)
        except ValueError as error:
            words = "is not a cursor of this list with these filters; take it from `next`"
            raise invalid("cursor", words) from error
        results = ItemLineAnswer(found.lines, many=True).data
        return Response({"next": _next(request, found), "previous": None, "results": results})


def _filters(query: dict[str, Any], project: Project) -> Filters:
    """The filters in the query. Raises Refused for a value that this project does not have."""
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
        raise invalid("batch", "this project has no batch with this id")
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
        """Return one item with all its answers, the consensus as it is now, and why annotators returned it."""
        return Response(OneItemAnswer(item_of(item, item.project)).data)
