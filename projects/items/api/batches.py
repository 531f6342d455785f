"""REST for batches: create, plan, open, pause and close them."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.items import services
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Integer, NoFields, Text
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id

_PLAN = ("share_percent", "share_overlap", "reserve_percent", "gold_percent", "repeat_percent")
_CONFLICT = OpenApiResponse(description="The batch's present state does not allow this.")
_CANNOT_OPEN = OpenApiResponse(
    description="The batch's present state does not allow this, or its price pays less per hour than the site asks for "
    "(`below_pay_floor`)."
)


class BatchBody(Body):
    name = Text(max_length=120, required=False, allow_blank=True)
    model_tag = Text(
        max_length=120,
        required=False,
        allow_blank=True,
        help_text="The model that wrote the responses.",
    )

    overlap = Integer(
        min_value=1,
        max_value=services.MAX_OVERLAP,
        required=False,
        help_text="The number of annotators who judge each item. Default: the project's overlap.",
    )
    share_percent = Integer(
        min_value=0,
        max_value=100,
        required=False,
        help_text="The percentage of items, drawn at random at funding, that get `share_overlap`. Default: 10.",
    )
    share_overlap = Integer(
        min_value=services.SHARE_LEAST,
        max_value=services.MAX_OVERLAP,
        required=False,
        help_text="The number of annotators who judge each item of the share, to measure agreement. Default: 3.",
    )
    reserve_percent = Integer(
        min_value=0,
        max_value=100,
        required=False,
        help_text="So many more answers are paid for at funding and asked for later, on items that you name. "
        "0 unless said.",
    )
    gold_percent = Integer(
        min_value=0,
        max_value=services.MAX_GOLD_PERCENT,
        required=False,
        help_text="So many keyed items, as a percentage of the items, stand among them where annotators cannot tell "
        "them. 0 unless said; 5 is usual.",
    )
    repeat_percent = Integer(
        min_value=0,
        max_value=services.MAX_REPEAT_PERCENT,
        required=False,
        help_text="Up to this percentage of the answers is asked of the same person once more, later. 0 unless "
        "said; 3 is usual.",
    )


class PlanBody(Body):
    overlap = Integer(min_value=1, max_value=services.MAX_OVERLAP, required=False)
    share_percent = Integer(min_value=0, max_value=100, required=False)
    share_overlap = Integer(
        min_value=services.SHARE_LEAST, max_value=services.MAX_OVERLAP, required=False
    )
    reserve_percent = Integer(min_value=0, max_value=100, required=False)
    gold_percent = Integer(min_value=0, max_value=services.MAX_GOLD_PERCENT, required=False)
    repeat_percent = Integer(min_value=0, max_value=services.MAX_REPEAT_PERCENT, required=False)


class BatchAnswer(serializers.ModelSerializer[Batch]):
    project = serializers.UUIDField(source="project_id")

    class Meta:
        model = Batch
        fields: tuple[str, ...] = (
            "id",
            "project",
            "number",
            "name",
            "model_tag",
            "status",
            "funding",
            "phase",
            "overlap",
            "share_percent",
            "share_overlap",
            "reserve_percent",
            "gold_percent",
            "repeat_percent",
            "items_count",
            "slots_count",
            "created_at",
            "opened_at",
            "closed_at",
        )


class Batches(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(BatchAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """List the project's batches, newest first."""
        return page(request, Batch.objects.filter(project=project), BatchAnswer, ordering="-number")

    @extend_schema(request=BatchBody, responses={201: BatchAnswer})
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Create an empty batch. Then import items, fund it and open it."""
        fields = BatchBody.read(request)
        plan = services.Plan(
            fields.pop("overlap", project.overlap),
            **{name: fields.pop(name) for name in _PLAN if name in fields},
        )
        batch = services.create_batch(
            project=project, plan=plan, actor_id=caller_of(request).created_by_id, **fields
        )
        return Response(BatchAnswer(batch).data, status=201)


class OneBatch(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "PATCH": "write"}
    finds: ClassVar = {"batch": by_id(Batch)}

    @extend_schema(responses=BatchAnswer)
    def get(self, request: Request, batch: Batch) -> Response:
        """Return a batch and its state."""
        return Response(BatchAnswer(batch).data)

    @extend_schema(request=PlanBody, responses={200: BatchAnswer, 409: _CONFLICT})
    def patch(self, request: Request, batch: Batch) -> Response:
        """Change the overlap plan of a batch that is not funded yet. Omitted fields keep their values."""
        plan = replace(services.plan_of(batch), **PlanBody.read(request))
        changed = services.change_plan(
            batch=batch, plan=plan, actor_id=caller_of(request).created_by_id
        )
        return Response(BatchAnswer(changed).data)


class OpenBatch(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"batch": by_id(Batch)}

    @extend_schema(request=None, responses={200: BatchAnswer, 409: _CANNOT_OPEN})
    @idempotent
    def post(self, request: Request, batch: Batch) -> Response:
        """Open the batch, so that annotators can work on it. It must be funded, and guidelines must be in force."""
        return _change_state(request, batch, services.open_batch)


class PauseBatch(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"batch": by_id(Batch)}

    @extend_schema(request=None, responses={200: BatchAnswer, 409: _CONFLICT})
    @idempotent
    def post(self, request: Request, batch: Batch) -> Response:
        """Pause the batch: no new leases until it is opened again. Leased work can still be submitted."""
        return _change_state(request, batch, services.pause_batch)


class CloseBatch(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"batch": by_id(Batch)}

    @extend_schema(request=None, responses={200: BatchAnswer, 409: _CONFLICT})
    @idempotent
    def post(self, request: Request, batch: Batch) -> Response:
        """Close the batch: no new leases. Leased work can still be submitted; money for unfilled slots is returned."""
        return _change_state(request, batch, services.close_batch)


def _change_state(request: Request, batch: Batch, service: Callable[..., Batch]) -> Response:
    NoFields.read(request)
    return Response(
        BatchAnswer(service(batch=batch, actor_id=caller_of(request).created_by_id)).data
    )
