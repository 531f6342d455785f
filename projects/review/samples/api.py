"""Sample checks over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.bulk.api import BulkAcceptAnswer
from projects.review.samples import selectors, services
from projects.review.samples.models import SampleCheck
from projects.review.samples.selectors import Progress
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Flag, Id, Integer, Money, NoFields, Text, money
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.ground.refusals import invalid

_NOTHING = OpenApiResponse(
    description="Nothing is undecided (`nothing_waits`), or more than 10,000 answers are (`too_many`)."
)
_MORE = OpenApiResponse(description="No more are needed, or too few are left (`no_more`).")
_REST = OpenApiResponse(
    description="The sample is not checked (`not_checked`), does not support it (`not_supported`), or nothing is left "
    "(`decided`)."
)


class SampleCheckAnswer(serializers.ModelSerializer[SampleCheck]):
    """A random sample of a batch's undecided answers, to check before the rest is accepted."""

    batch = serializers.UUIDField(source="batch_id")
    annotator = serializers.CharField(source="enrollment.pseudonym", default=None, allow_null=True)
    answers = serializers.IntegerField(
        help_text="How many answers were undecided when it was drawn."
    )

    class Meta:
        model = SampleCheck
        fields: tuple[str, ...] = (
            *(
                "id",
                "batch",
                "annotator",
                "bound_percent",
                "confidence_percent",
                "answers",
                "made_at",
            ),
        )


class ShareAnswer(serializers.Serializer[Any]):
    """How many answers of a sample were checked, and are wrong."""

    drawn = serializers.IntegerField()
    checked = serializers.IntegerField()
    wrong = serializers.IntegerField(help_text="Rejected, or sent back.")
    waiting = serializers.IntegerField(help_text="Still to check.")
    unchecked = serializers.IntegerField(
        help_text="Accepted outside this check: automatically, together with others, or without naming it."
    )
    upper = serializers.FloatField(
        allow_null=True,
        help_text="The upper limit of the share wrong among all such answers (Clopper and Pearson, one-sided).",
    )


class PersonShareAnswer(serializers.Serializer[Any]):
    annotator = serializers.CharField(source="pseudonym")
    share = ShareAnswer()


class SampleProgress(serializers.Serializer[Any]):
    """How far a sample check is, and what it says."""

    sample_check = SampleCheckAnswer(source="check")
    total = ShareAnswer()
    annotators = PersonShareAnswer(source="people", many=True)
    supported = serializers.BooleanField(
        source="is_supported",
        help_text="The sample is checked, and the limit is no more than asked for.",
    )
    more = serializers.IntegerField(
        help_text="So many more to check, and the limit can still be reached; 0 if it is, or cannot be."
    )
    rest = serializers.IntegerField(
        source="rest.answers", help_text="Undecided answers beside the sample, in no bulk accept."
    )
    rest_price = serializers.SerializerMethodField()

    @extend_schema_field(Money)
    def get_rest_price(self, progress: Progress) -> dict[str, Any]:
        return money(progress.rest.price_minor, progress.check.project.currency)


class DrawBody(Body):
    batch = Id()
    annotator = Text(
        max_length=16, required=False, help_text="A pseudonym: only this annotator's answers."
    )
    bound_percent = Integer(min_value=1, max_value=50, default=5)
    confidence_percent = Integer(min_value=50, max_value=99, default=95)


class RestBody(Body):
    anyway = Flag(
        default=False, help_text="Accept the rest although the check does not support it."
    )


def _check() -> Any:
    return by_id(SampleCheck, "project", "batch", "enrollment")


class SampleChecks(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(SampleCheckAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """List a project's sample checks, newest first."""
        return page(request, selectors.of_project(project), SampleCheckAnswer)

    @extend_schema(request=DrawBody, responses={201: SampleCheckAnswer, 409: _NOTHING})
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Draw a random sample of a batch's undecided answers. Its answers are listed by the queue with `sample`.

        An answer counts as checked if it is decided on with `sample` in the body.
        """
        body = DrawBody.read(request)
        batch = Batch.objects.filter(project=project, pk=body.pop("batch")).first()
        if batch is None:
            raise invalid("batch", "no such batch in this project")
        made = services.draw(
            batch=batch,
            enrollment=_enrollment(project, body.pop("annotator", "")),
            member_id=caller_of(request).created_by_id,
            **body,
        )
        return Response(SampleCheckAnswer(made).data, status=201)


def _enrollment(project: Project, pseudonym: str) -> Enrollment | None:
    if not pseudonym:
        return None
    found = Enrollment.objects.filter(project=project, pseudonym=pseudonym).first()
    if found is None:
        raise invalid("annotator", "nobody in this project has this pseudonym")
    return found


class OneSampleCheck(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"sample_check": _check()}

    @extend_schema(responses=SampleProgress)
    def get(self, request: Request, sample_check: SampleCheck) -> Response:
        """Return how far a sample check is, and what it says of the rest."""
        progress = selectors.progress_of(sample_check, caller_of(request).created_by_id)
        return Response(SampleProgress(progress).data)


class MoreOfSample(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"sample_check": _check()}

    @extend_schema(request=None, responses={200: SampleProgress, 409: _MORE})
    @idempotent
    def post(self, request: Request, sample_check: SampleCheck) -> Response:
        """Draw more answers into the sample, so that the limit can be reached although some were wrong."""
        NoFields.read(request)
        reader = caller_of(request).created_by_id
        services.draw_more(check=sample_check, member_id=reader)
        return Response(SampleProgress(selectors.progress_of(sample_check, reader)).data)


class RestOfSample(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"sample_check": _check()}

    @extend_schema(request=RestBody, responses={201: BulkAcceptAnswer, 409: _REST})
    @idempotent
    def post(self, request: Request, sample_check: SampleCheck) -> Response:
        """Accept the answers beside the sample in ten minutes; until then it can be undone."""
        made = services.accept_rest(
            check=sample_check,
            member_id=caller_of(request).created_by_id,
            **RestBody.read(request),
        )
        return Response(BulkAcceptAnswer(made).data, status=201)
