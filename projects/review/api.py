"""Annotations and decisions on them over REST. Members see pseudonyms, never who an annotator is."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.items.models import Batch
from projects.plan.models import Project
from projects.review import decided
from projects.review.models import Decision
from projects.review.samples.bodies import InSampleBody, mark_in_sample
from projects.review.services import accepting
from projects.work.models import Annotation, Purpose
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Id, Money, money
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery, QueryId
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.ground.refusals import Refused, invalid

_OWN = OpenApiResponse(
    description="One is the reviewer's own work: another member decides on it (`own_work`)."
)


class _Moment(serializers.DateTimeField):
    """A moment that the database wrote as JSON."""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(datetime.fromisoformat(value))


class DecisionAnswer(serializers.Serializer[Any]):
    """A decision on an annotation."""

    verdict = serializers.ChoiceField(
        choices=Decision.Verdict.choices,
        help_text="`accepted` or `rejected`; then, how a rejection ended: `overturned`, `upheld`, or `lapsed` without "
        "an appeal.",
    )
    by = serializers.ChoiceField(
        choices=Decision.By.choices,
        help_text="A person, the clock because nobody decided in time, or all reviewers of a paid review.",
    )
    decided_at = _Moment()
    reason = serializers.ChoiceField(
        choices=Decision.Reason.choices, allow_blank=True, help_text="Of a rejection; else empty."
    )
    rule = serializers.CharField(help_text="The rule that a rejection cites; else empty.")


class AnnotationAnswer(serializers.ModelSerializer[Annotation]):
    batch = serializers.UUIDField(source="batch_id")
    item = serializers.UUIDField(source="item_id")
    external_id = serializers.CharField(source="item.external_id")
    annotator = serializers.CharField(
        source="enrollment.pseudonym", help_text="A pseudonym in this project."
    )
    guideline_version = serializers.IntegerField(source="guideline_version.number")
    answer = serializers.DictField(
        help_text="Choices are indexes into the item's responses as they were sent."
    )
    shown = serializers.ListField(
        source="lease.shown",
        child=serializers.IntegerField(),
        help_text="Indexes of the item's responses in the order that the annotator saw. Texts call index 0 A, 1 B ….",
    )
    price = serializers.SerializerMethodField()
    decisions = DecisionAnswer(
        many=True,
        help_text="The first one, and how a rejection ended. Empty while it is undecided.",
    )

    class Meta:
        model = Annotation
        fields: tuple[str, ...] = (
            "id",
            "batch",
            "item",
            "external_id",
            "annotator",
            "answer",
            "shown",
            "units",
            "judged",
            "set_aside",
            "state",
            "seconds",
            "guideline_version",
            "price",
            "submitted_at",
            "decide_by",
            "decisions",
        )

    @extend_schema_field(Money)
    def get_price(self, row: Annotation) -> dict[str, Any]:
        return money(row.price_minor, row.currency)


class AnnotationsQuery(PageQuery):
    """Filters of a project's annotations."""

    batch = QueryId(required=False, help_text="Of this batch only.")
    state = serializers.ChoiceField(
        choices=Annotation.State.choices, required=False, help_text="In this state only."
    )


class Annotations(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": AnnotationsQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(AnnotationAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """List what annotators submitted for this project's data, newest first, and what was decided on it."""
        wanted = {name: self.query[name] for name in ("batch", "state") if name in self.query}
        if "batch" in wanted:
            _check_batch(project, wanted["batch"])
        rows = Annotation.objects.filter(project=project, purpose=Purpose.DATA, **wanted)
        joined = rows.select_related("enrollment", "guideline_version", "item", "lease").defer(
            "guideline_version__text",
            "item__prompt",
            "item__responses",
            "item__context",
            "item__metadata",
        )
        return page(request, decided.with_decisions(joined), AnnotationAnswer)


def _check_batch(project: Project, batch_id: uuid.UUID) -> None:
    if not Batch.objects.filter(project=project, pk=batch_id).exists():
        raise invalid("batch", "no such batch in this project")


class AcceptManyBody(Body):
    ids = serializers.ListField(child=Id(), min_length=1, max_length=accepting.LIMIT)


class AcceptedOne(serializers.Serializer[Any]):
    accepted = serializers.IntegerField(
        help_text="1 if it is accepted now, 0 if it was accepted before."
    )


class LeftOutAnswer(serializers.Serializer[Any]):
    """An annotation that was not accepted, because it was decided before or is sent back."""

    annotation = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Annotation.State.choices)
    reason = serializers.CharField()


class Accepted(serializers.Serializer[Any]):
    accepted = serializers.IntegerField(
        help_text="How many are accepted now; those decided before are not changed or counted."
    )
    left_out = LeftOutAnswer(many=True)


class AcceptMany(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}

    @extend_schema(request=AcceptManyBody, responses={200: Accepted, 409: _OWN})
    @idempotent
    def post(self, request: Request) -> Response:
        """Accept submitted annotations, so that each earns its price. If one id is unknown, none is accepted."""
        ids = list(dict.fromkeys(AcceptManyBody.read(request)["ids"]))
        known = set(Annotation.objects.filter(pk__in=ids).values_list("pk", flat=True))
        missing = [
            {"row": None, "field": f"ids[{at}]", "message": "no such annotation"}
            for at, pk in enumerate(ids)
            if pk not in known
        ]
        if missing:
            raise Refused("not_found", "Not found.", status=404, errors=missing)
        accepted = _accept(request, ids)
        body = {"accepted": len(accepted), "left_out": accepting.left_out(ids, accepted)}
        return Response(Accepted(body).data)


class AcceptOne(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"annotation": by_id(Annotation)}

    @extend_schema(
        request=InSampleBody,
        responses={
            200: AcceptedOne,
            409: OpenApiResponse(
                description="Rejected before, or sent back (`decided`), or your own work (`own_work`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, annotation: Annotation) -> Response:
        """Accept one submitted annotation. Accepting it again changes nothing."""
        sample_id = InSampleBody.read(request).get("sample")
        accepted = _accept(request, [annotation.pk])
        if accepted:
            mark_in_sample(sample_id, annotation.pk)
        for one in accepting.left_out([annotation.pk], accepted):
            if one.state != Annotation.State.ACCEPTED:
                raise Refused("decided", one.reason, status=409)
        return Response({"accepted": len(accepted)})


def _accept(request: Request, ids: list[uuid.UUID]) -> list[uuid.UUID]:
    """Accept in the name of the member who made the API key. Returns the ids of those that are accepted now."""
    return accepting.accept_all(annotation_ids=ids, reviewer_id=caller_of(request).created_by_id)
