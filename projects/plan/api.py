"""Projects over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.plan import services
from projects.plan.models import Project
from projects.plan.templates import TEMPLATES
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Flag, Integer, Money, Text, money
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.tenancy.models import Workspace

SCOPES = {"GET": "read", "POST": "write"}
_TASTE = (
    "The names of the questions on which people may differ without one of them being wrong. Any other question has a "
    "right answer, so more agreement is asked for before the answers are said to be reliable."
)


class ProjectBody(Body):
    name = Text(max_length=120)
    template = Choice(choices=sorted(TEMPLATES), default="pairwise")
    access = Choice(
        choices=Project.Access.choices,
        default=Project.Access.MEMBERS,
        help_text="Who works on the project: your own members, unpaid, or annotators of the market, paid.",
    )
    price_minor = Integer(
        min_value=0,
        max_value=services.MAX_PRICE_MINOR,
        default=0,
        help_text="The pay for one annotation, in minor units of the workspace's currency.",
    )
    overlap = Integer(
        min_value=1,
        max_value=50,
        default=3,
        help_text="The number of annotators who judge each item.",
    )
    lease_minutes = Integer(
        min_value=1,
        max_value=1440,
        default=30,
        help_text="The minutes an annotator has for an answer. Then the item is offered to others.",
    )
    auto_accept_hours = Integer(
        min_value=1,
        max_value=168,
        default=72,
        help_text="Work that nobody has decided on after this many hours is accepted automatically.",
    )
    estimated_seconds = Integer(
        min_value=1,
        max_value=86_400,
        default=60,
        help_text="Your estimate of the seconds an answer takes. The listing shows the hourly pay it gives.",
    )
    calibration = Choice(
        choices=Project.Calibration.choices,
        default=Project.Calibration.NONE,
        help_text="Whether annotators must pass a calibration round before they work on the project's data.",
    )
    programs = Flag(
        required=False,
        help_text="Whether annotators may lease and submit by program, with a token. By default only if unpaid.",
    )
    machine_text = Choice(
        choices=Project.MachineText.choices,
        default=Project.MachineText.FORBIDDEN,
        help_text="Whether annotators may let a machine write their texts. If not, they attest that they write "
        "themselves.",
    )
    taste_questions = serializers.ListField(
        child=Text(max_length=40),
        max_length=50,
        required=False,
        help_text=f"{_TASTE} By default those of the template.",
    )


class ProjectAnswer(serializers.ModelSerializer[Project]):
    price = serializers.SerializerMethodField()
    guideline_version = serializers.SerializerMethodField(
        help_text="The number of the version in force."
    )

    class Meta:
        model = Project
        fields: tuple[str, ...] = (
            "id",
            "name",
            "purpose",
            "parent",
            "template",
            "access",
            "status",
            "price",
            "overlap",
            "lease_minutes",
            "auto_accept_hours",
            "estimated_seconds",
            "calibration",
            "recalibrate_days",
            "programs",
            "on_alarm",
            "machine_text",
            "taste_questions",
            "guideline_version",
            "created_at",
        )

    @extend_schema_field(Money)
    def get_price(self, project: Project) -> dict[str, Any]:
        return money(project.price_minor, project.currency)

    def get_guideline_version(self, project: Project) -> int | None:
        return project.guideline_version.number if project.guideline_version else None


class FormAnswer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    questions = serializers.ListField(child=serializers.DictField())


class ProjectWithForm(ProjectAnswer):
    form = FormAnswer()

    class Meta(ProjectAnswer.Meta):
        fields = (*ProjectAnswer.Meta.fields, "form")


class Projects(WorkspaceAPIView):
    scopes = SCOPES
    queries: ClassVar = {"GET": PageQuery}

    @extend_schema(responses=paged(ProjectAnswer))
    def get(self, request: Request) -> Response:
        """List the workspace's projects, newest first."""
        rows = Project.objects.select_related("guideline_version").defer(
            "guideline_version__text", "guideline_version__rules"
        )
        return page(request, rows, ProjectAnswer)

    @extend_schema(request=ProjectBody, responses={201: ProjectWithForm})
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a project from a template. Work can begin once guidelines are published and a batch is open."""
        fields = ProjectBody.read(request)
        project = services.create_project(
            workspace=Workspace.objects.get(pk=caller_of(request).workspace_id),
            created_by_id=caller_of(request).created_by_id,
            **fields,
        )
        return Response(ProjectWithForm(project).data, status=201)


class WatchBody(Body):
    programs = Flag(
        required=False,
        help_text="Whether annotators may lease and submit by program, with a token.",
    )
    on_alarm = Choice(
        required=False,
        choices=Project.OnAlarm.choices,
        help_text="What an alert about an annotator's accuracy does before a person decides: nothing (`off`), suggest "
        "a recalibration to that person, or replace main work by a paid recalibration at once (`swap`).",
    )
    machine_text = Choice(
        required=False,
        choices=Project.MachineText.choices,
        help_text="Whether annotators may let a machine write their texts. If not, who accepted the guidelines "
        "before must attest that they write themselves before they get their next item.",
    )
    taste_questions = serializers.ListField(
        child=Text(max_length=40),
        max_length=50,
        required=False,
        help_text=_TASTE,
    )


class OneProject(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "PATCH": "write"}
    finds: ClassVar = {"project": by_id(Project, "guideline_version", "form")}

    @extend_schema(responses=ProjectWithForm)
    def get(self, request: Request, project: Project) -> Response:
        """Return a project with its form."""
        return Response(ProjectWithForm(project).data)

    @extend_schema(request=WatchBody, responses=ProjectWithForm)
    def patch(self, request: Request, project: Project) -> Response:
        """Change the rules for answers by program and machine-written text, what an alert about accuracy does, and
        which questions have no right answer.
        """
        fields = WatchBody.read(request)
        actor_id = caller_of(request).created_by_id
        services.set_watch(project=project, actor_id=actor_id, **fields)
        return Response(ProjectWithForm(project).data)
