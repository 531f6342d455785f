"""Final answers of items over REST."""

from typing import ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.items.models import Item
from projects.plan.models import Project
from projects.review.adjudication import selectors, services
from projects.review.adjudication.models import Adjudication
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Integer, Text
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id

_REFUSED = OpenApiResponse(
    description="Somebody gave or withdrew a final answer after `seen` (`adjudicated`), nobody answered the item yet "
    "(`unanswered`), you answered it (`own_work`), or there is none to withdraw (`not_adjudicated`)."
)


class AdjudicationAnswer(serializers.ModelSerializer[Adjudication]):
    """A final answer to an item, or the withdrawal of one."""

    item = serializers.UUIDField(source="item_id")
    withdrawn = serializers.BooleanField(
        help_text="Whether this withdraws the final answer before it; then `answer` is empty."
    )
    answer = serializers.DictField(
        help_text="Choices are indexes into the item's responses as they were sent."
    )
    units = serializers.ListField(child=serializers.CharField())
    judged = serializers.ListField(child=serializers.IntegerField())
    reviewer = serializers.UUIDField(source="reviewer_id", help_text="The member who gave it.")
    guideline_version = serializers.IntegerField(
        source="guideline_version.number", help_text="The version in force when it was given."
    )

    class Meta:
        model = Adjudication
        fields: tuple[str, ...] = (
            "id",
            "item",
            "number",
            "withdrawn",
            "answer",
            "units",
            "judged",
            "note",
            "reviewer",
            "guideline_version",
            "decided_at",
        )


_PAGE = paged(AdjudicationAnswer)


class WithdrawBody(Body):
    note = Text(
        max_length=services.NOTE_CHARS,
        help_text="Why, in 10 characters or more. Annotators do not read it.",
    )
    seen = Integer(
        min_value=0,
        help_text="The `number` of the newest final answer or withdrawal that you saw; 0 if there was none.",
    )


class AdjudicateBody(WithdrawBody):
    answer = serializers.JSONField(
        help_text='The answer to the form, such as `{"preference": {"choice": "0"}}`. Responses are named by their '
        "index, as text. Texts may be left out."
    )


class ItemAdjudications(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"item": by_id(Item)}

    @extend_schema(responses=_PAGE)
    def get(self, request: Request, item: Item) -> Response:
        """List an item's final answers and withdrawals, newest first. The first one stands, unless it is withdrawn."""
        rows = selectors.rows_of(Adjudication.objects.filter(item=item))
        return page(request, rows, AdjudicationAnswer, ordering="-number")

    @extend_schema(request=AdjudicateBody, responses={201: AdjudicationAnswer, 409: _REFUSED})
    @idempotent
    def post(self, request: Request, item: Item) -> Response:
        """Give the final answer to an item. Datasets use it in place of the consensus; agreement does not change."""
        reviewer_id = caller_of(request).created_by_id
        body = AdjudicateBody.read(request)
        row = services.give(item_id=item.pk, reviewer_id=reviewer_id, **body)
        return Response(AdjudicationAnswer(row).data, status=201)


class WithdrawAdjudication(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"item": by_id(Item)}

    @extend_schema(request=WithdrawBody, responses={201: AdjudicationAnswer, 409: _REFUSED})
    @idempotent
    def post(self, request: Request, item: Item) -> Response:
        """Withdraw an item's final answer, so that datasets use the consensus again."""
        reviewer_id = caller_of(request).created_by_id
        body = WithdrawBody.read(request)
        row = services.withdraw(item_id=item.pk, reviewer_id=reviewer_id, **body)
        return Response(AdjudicationAnswer(row).data, status=201)


class Adjudications(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=_PAGE)
    def get(self, request: Request, project: Project) -> Response:
        """List the final answers and withdrawals of a project's items, newest first."""
        return page(request, selectors.of_project(project), AdjudicationAnswer)
