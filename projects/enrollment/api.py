"""REST for an annotator's own key: join projects, read and accept their guidelines."""

import uuid
from typing import Any, ClassVar

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    Func,
    OuterRef,
    Q,
    QuerySet,
)
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.enrollment import selectors, services
from projects.enrollment.models import Clearance, Enrollment
from projects.enrollment.reading_api import PaidReading, paid_reading
from projects.plan.guidelines_api import GuidelineRule
from projects.plan.models import Project
from rlhfhub.api.authentication import Caller, caller_of
from rlhfhub.api.bodies import Body, Flag, Id, Integer, Money, money
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import DeskAPIView
from rlhfhub.tenancy import planes


class JoinBody(Body):
    project = Id()
    agrees_to_content = Flag(
        required=False,
        default=False,
        help_text="Whether you agree to see, in this project, the content that it contains and your profile avoids.",
    )


class AcceptBody(Body):
    guideline_version = Integer(
        min_value=1, max_value=2**31 - 1, help_text="The number of the version you have read."
    )
    attested = Flag(
        required=False,
        default=False,
        help_text="Whether you attest that you write your texts yourself. Must be true where the guidelines say so "
        "(`must_attest`).",
    )


class EnrollmentAnswer(serializers.ModelSerializer[Enrollment]):
    project = serializers.UUIDField(source="project_id")
    project_name = serializers.CharField(source="project.name")
    guideline_version = serializers.IntegerField(
        source="project.guideline_version.number", help_text="The version in force."
    )
    cleared = serializers.BooleanField(help_text="Whether you may work under the version in force.")
    price = serializers.SerializerMethodField()

    class Meta:
        model = Enrollment
        fields: tuple[str, ...] = (
            "id",
            "project",
            "project_name",
            "pseudonym",
            "state",
            "guideline_version",
            "cleared",
            "price",
            "created_at",
        )

    @extend_schema_field(Money)
    def get_price(self, row: Enrollment) -> dict[str, Any]:
        return money(row.project.price_minor, row.project.currency)


class GuidelineText(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    change = serializers.CharField()
    text = serializers.CharField(help_text="Markdown.")
    rules = GuidelineRule(many=True, help_text="The headings of the text, in order.")
    sha256 = serializers.CharField()
    published_at = serializers.DateTimeField()
    cleared = serializers.BooleanField()
    must_attest = serializers.BooleanField(
        help_text="Whether machine-written text is not allowed, and accepting takes `attested`: true."
    )
    reading = PaidReading(
        allow_null=True, help_text="What you get for reading them; null if nothing."
    )


def _own_enrollments(caller: Caller) -> QuerySet[Enrollment]:
    clearances = Clearance.objects.filter(
        Q(phase="main") | Q(guideline_version__project__calibration="required"),
        enrollment=OuterRef("pk"),
        guideline_version=OuterRef("project__guideline_version"),
    )
    rows = Enrollment.objects.filter(annotator_id=caller.person_id)
    owes: Any = Func("pk", function="enrollment_owes_attestation", output_field=BooleanField())
    return rows.select_related("project__guideline_version").annotate(
        cleared=ExpressionWrapper(Exists(clearances) & ~Q(owes), output_field=BooleanField())
    )


def _one(caller: Caller, enrollment_id: uuid.UUID) -> Enrollment:
    row = _own_enrollments(caller).filter(pk=enrollment_id).first()
    if row is None:
        raise Http404
    return row


class Enrollments(DeskAPIView):
    scopes: ClassVar = {"GET": "desk", "POST": "desk"}
    queries: ClassVar = {"GET": PageQuery}

    @extend_schema(responses=paged(EnrollmentAnswer))
    def get(self, request: Request) -> Response:
        """List your enrollments in this workspace's projects, newest first."""
        rows = _own_enrollments(caller_of(request)).defer(
            "project__guideline_version__text", "project__guideline_version__rules"
        )
        return page(request, rows, EnrollmentAnswer)

    @extend_schema(
        request=JoinBody,
        responses={
            201: EnrollmentAnswer,
            200: OpenApiResponse(EnrollmentAnswer, "You had joined this project before."),
            409: OpenApiResponse(
                description="You lack something that the project asks for (`not_eligible`); `errors` says what."
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Join a project that is open to you. Read and accept its guidelines before you work."""
        caller, fields = caller_of(request), JoinBody.read(request)
        project_id = fields["project"]
        with planes.at_door():
            joinable = selectors.joinable_project(caller.person_id, project_id)
        # After the lookup above, which no longer finds a project that another request has joined meanwhile.
        known = _own_enrollments(caller).filter(project_id=project_id).first()
        if known:
            return Response(EnrollmentAnswer(known).data)
        if joinable is None or joinable.workspace_id != caller.workspace_id:
            raise Http404
        planes.narrow_to_project(project_id)
        made = services.enroll(
            project=Project.objects.get(pk=project_id),
            annotator_id=caller.person_id,
            agrees_to_content=fields["agrees_to_content"],
        )
        return Response(EnrollmentAnswer(_one(caller, made.pk)).data, status=201)


class AcceptGuideline(DeskAPIView):
    scopes: ClassVar = {"POST": "desk"}

    @extend_schema(
        request=AcceptBody,
        responses={
            200: EnrollmentAnswer,
            409: OpenApiResponse(
                description="Another version is in force (`not_in_force`), or the project has no money for your "
                "reading (`reading_unfunded`)."
            ),
        },
    )
    def post(self, request: Request, enrollment: uuid.UUID) -> Response:
        """Accept the guidelines in force. You are then cleared to lease work. Accepting twice changes nothing."""
        row = _one(caller_of(request), enrollment)
        fields = AcceptBody.read(request)
        services.accept_guideline(
            enrollment=row, number=fields["guideline_version"], attested=fields["attested"]
        )
        return Response(EnrollmentAnswer(_one(caller_of(request), enrollment)).data)


class ReadGuideline(DeskAPIView):
    scopes: ClassVar = {"GET": "desk"}

    @extend_schema(responses=GuidelineText)
    def get(self, request: Request, enrollment: uuid.UUID) -> Response:
        """Return the guidelines in force in this project."""
        row = _one(caller_of(request), enrollment)
        version = row.project.guideline_version
        if version is None:
            raise Http404
        cleared = row.cleared  # type: ignore[attr-defined]
        attests = services.must_attest(row.project)
        told = {
            **vars(version),
            "cleared": cleared,
            "must_attest": attests,
            "reading": paid_reading(row.annotator_id, row.project_id),
        }
        return Response(GuidelineText(told).data)
