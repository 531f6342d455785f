"""Sending answers back and rejecting them over REST, and the list of rejections."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.plan.models import Project
from projects.review import decided
from projects.review.models import Decision
from projects.review.samples.bodies import InSampleBody, mark_in_sample
from projects.review.services import rejecting, returning
from projects.work.models import Annotation
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Choice, Text
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import KeyPages
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id

_UNDECIDABLE = OpenApiResponse(
    description="Decided before (`decided`), your own (`own_work`), or not for data (`not_for_data`)."
)


class ReturnBody(InSampleBody):
    note = Text(
        max_length=rejecting.NOTE_CHARS, help_text="What to revise. The annotator reads it."
    )


class ReturnAnswer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=Annotation.State.choices)
    revise_by = serializers.DateTimeField(help_text="Not revised by then, it is decided as it is.")


class ReturnOne(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"annotation": by_id(Annotation)}

    @extend_schema(request=ReturnBody, responses={200: ReturnAnswer, 409: _UNDECIDABLE})
    @idempotent
    def post(self, request: Request, annotation: Annotation) -> Response:
        """Send a submitted annotation back to its annotator, once, for revision at the same price."""
        body = ReturnBody.read(request)
        sample_id = body.pop("sample", None)
        back = returning.send_back(
            annotation_id=annotation.pk, reviewer_id=caller_of(request).created_by_id, **body
        )
        mark_in_sample(sample_id, annotation.pk)
        return Response({"state": Annotation.State.RETURNED, "revise_by": back.revise_by})


class RejectBody(InSampleBody):
    reason = Choice(choices=Decision.Reason.values)
    rule = Text(
        max_length=10,
        help_text="The rule that was broken, by its id in the guideline version of the annotation: R3.",
    )
    note = Text(max_length=rejecting.NOTE_CHARS, help_text="What is wrong. The annotator reads it.")


class RejectAnswer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=Annotation.State.choices)
    appeal_by = serializers.DateTimeField(
        help_text="The pay is on hold until then; the annotator may appeal."
    )


class RejectOne(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"annotation": by_id(Annotation)}

    @extend_schema(request=RejectBody, responses={200: RejectAnswer, 409: _UNDECIDABLE})
    @idempotent
    def post(self, request: Request, annotation: Annotation) -> Response:
        """Reject a submitted annotation for a guideline rule that it broke.

        Its pay goes on hold, and its annotator has seven days to appeal. Another annotator is asked for the answer, as
        far as the batch is open and its reserve pays.
        """
        body = RejectBody.read(request)
        sample_id = body.pop("sample", None)
        decision = rejecting.reject(
            annotation_id=annotation.pk, reviewer_id=caller_of(request).created_by_id, **body
        )
        mark_in_sample(sample_id, annotation.pk)
        return Response({"state": Annotation.State.REJECTED, "appeal_by": decision.appeal_by})


class RejectionAnswer(serializers.Serializer[Any]):
    annotation = serializers.UUIDField(source="annotation_id")
    external_id = serializers.CharField()
    annotator = serializers.CharField(source="pseudonym")
    reason = serializers.CharField(source="code")
    rule = serializers.CharField()
    note = serializers.CharField()
    decided_at = serializers.DateTimeField()
    outcome = serializers.ChoiceField(choices=list(decided.OUTCOMES))
    until = serializers.DateTimeField(
        allow_null=True, help_text="When the time to appeal, or to decide the appeal, is over."
    )
    statement = serializers.CharField(help_text="Of the annotator who appeals.")
    outcome_note = serializers.CharField(help_text="Of whoever decided the appeal.")


class Rejections(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(RejectionAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """List a project's rejections with their appeals, newest first."""
        pages = KeyPages()
        pages.take(decided.rejections_of(project), request, lambda row: str(row.pk))
        found = decided.shown(pages.page or [])
        return pages.get_paginated_response(RejectionAnswer(found, many=True).data)
