"""The reviewers' queue over REST."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.plan.models import Project
from projects.review.models import Flag
from projects.review.queue import cards
from projects.review.queue.cards import CardAnswer
from projects.review.queue.forms import QueueForm
from projects.review.queue.orders import MOST_SEED, Filters, Order, Ranked
from projects.work.models import Annotation
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Money, money
from rlhfhub.api.queries import PageQuery, QueryId, QueryInteger
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.ground.refusals import Refused, invalid

SIZE, MOST_SIZE = 20, 50


class QueueAnswer(serializers.Serializer[Any]):
    """An answer to an item of the queue."""

    annotation = serializers.UUIDField(source="id")
    annotator = serializers.CharField(source="pseudonym")
    summary = serializers.ListField(
        child=serializers.CharField(),
        help_text="A line for each question answered. Response A is the item's first as it was sent.",
    )
    shown = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Indexes of the item's responses in the order that the annotator saw. A note to them that names "
        "responses should call the first of these A.",
    )
    flags = serializers.ListField(
        child=serializers.CharField(), help_text="Reasons to look at it, in words."
    )
    state = serializers.ChoiceField(choices=Annotation.State.choices)
    seconds = serializers.FloatField()
    price = serializers.SerializerMethodField()
    own = serializers.BooleanField(help_text="Your own: another member decides on it.")
    decide_by = serializers.DateTimeField(help_text="Undecided then, it is accepted automatically.")
    in_sample = serializers.BooleanField(help_text="In the sample check that is asked for.")
    accepted_at = serializers.DateTimeField(
        allow_null=True, help_text="When a bulk accept takes effect that it is in."
    )

    @extend_schema_field(Money)
    def get_price(self, answer: CardAnswer) -> dict[str, Any]:
        return money(answer.price_minor, answer.currency)


class QueueItem(serializers.Serializer[Any]):
    """An item with undecided answers, and all its answers."""

    item = serializers.UUIDField(source="id")
    external_id = serializers.CharField()
    batch_name = serializers.CharField(source="batch")
    undecided = serializers.IntegerField(source="waiting")
    answers = QueueAnswer(many=True)


class QueueQuery(PageQuery):
    """The order and the filters of the queue."""

    page_size = QueryInteger(required=False, min_value=1, max_value=MOST_SIZE)
    order = serializers.ChoiceField(
        choices=Order.choices,
        required=False,
        help_text="What comes first. Without it, flagged answers.",
    )
    seed = QueryInteger(
        required=False,
        min_value=1,
        max_value=MOST_SEED,
        help_text="For `order=random`, which is the same for the same seed.",
    )
    annotator = serializers.CharField(
        required=False, max_length=16, help_text="A pseudonym: only this annotator's answers."
    )
    reason = serializers.ChoiceField(
        choices=Flag.Reason.choices, required=False, help_text="Only answers with this flag."
    )
    sample = QueryId(required=False, help_text="Only answers of this sample check.")


class QueueOfProject(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": QueueQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(QueueItem))
    def get(self, request: Request, project: Project) -> Response:
        """List items with undecided answers for data, in the order asked for, made of its first 2,000 answers."""
        size = self.query.get("page_size", SIZE)
        found = cards.page_of(
            project,
            _filters(self.query, project),
            _after(self.query),
            caller_of(request).created_by_id,
            size=size,
            as_stored=True,
        )
        following = found.ranked[size - 1].cursor if len(found.ranked) > size else ""
        results = QueueItem(found.cards, many=True).data
        return Response({"next": _next(request, following), "previous": None, "results": results})


def _filters(query: dict[str, Any], project: Project) -> Filters:
    """Return the filters of the query. Raises Refused for a value that this project does not have."""
    form = QueueForm({name: str(value) for name, value in query.items()}, project=project)
    if not form.is_valid():
        wrong = [
            {"row": None, "field": name, "message": str(messages[0])}
            for name, messages in form.errors.items()
        ]
        words = "; ".join(f"{each['field']}: {each['message']}" for each in wrong)
        raise Refused("invalid", words, errors=wrong)
    if form.lacks_seed:
        raise invalid("seed", "a random order needs a seed")
    return form.filters


def _after(query: dict[str, Any]) -> Ranked | None:
    if "cursor" not in query:
        return None
    try:
        return Ranked.read(query["cursor"])
    except ValueError as error:
        raise invalid("cursor", "is not a cursor of this list; take it from `next`") from error


def _next(request: Request, cursor: str) -> str | None:
    if not cursor:
        return None
    query = {**request.query_params.dict(), "cursor": cursor}
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
