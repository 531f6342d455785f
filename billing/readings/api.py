"""Money for reading a project's guidelines over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.readings import selectors, services
from projects.plan.models import Project
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Integer
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.throttles import CostlyWrites
from rlhfhub.api.views import WorkspaceAPIView, by_id


class ReadersBody(Body):
    readers = Integer(
        min_value=1, max_value=services.MOST_READERS, help_text="For how many more annotators."
    )
    agreed_minor = Integer(
        min_value=0,
        required=False,
        help_text="The sum you agree to: if it is another one now, nothing is moved.",
    )


class ReadingAnswer(serializers.Serializer[Any]):
    each_minor = serializers.IntegerField(
        help_text="What a newcomer gets for reading the version in force, with the first accepted answer under it."
    )
    currency = serializers.CharField()
    free_minor = serializers.IntegerField(help_text="What is set aside for readers to come.")
    readers_left = serializers.IntegerField(
        help_text="For how many newcomers that is enough. At 0 the project takes nobody new if reading pays."
    )
    promised = serializers.IntegerField(help_text="Readings that are not earned yet.")
    promised_minor = serializers.IntegerField()
    paid = serializers.IntegerField(help_text="Readings that were paid.")
    paid_minor = serializers.IntegerField()


class ReadingOf(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "funding"
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=ReadingAnswer)
    def get(self, request: Request, project: Project) -> Response:
        """Return what reading the project's guidelines pays, and what is set aside, promised and paid."""
        return Response(ReadingAnswer(selectors.of_project(project)).data)

    @extend_schema(
        request=ReadersBody,
        responses={
            201: ReadingAnswer,
            409: OpenApiResponse(
                description="The balance is too small (`not_enough_money`), reading pays nothing (`reading_unpaid`), "
                "the sum is another (`cost_changed`), or a payment is disputed (`frozen`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Set money of the free balance aside for more readers. What nobody is promised comes back later."""
        fields = ReadersBody.read(request)
        services.set_aside(project=project, actor_id=caller_of(request).created_by_id, **fields)
        return Response(ReadingAnswer(selectors.of_project(project)).data, status=201)
