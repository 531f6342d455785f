"""The versions of a project's guidelines over REST: save, read, publish."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.plan import publishing, services
from projects.plan.models import GuidelineVersion, Project
from projects.plan.versions import MAX_READING_MINOR
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Integer, Text
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id

SCOPES = {"GET": "read", "POST": "write"}


class GuidelineBody(Body):
    text = Text(
        max_length=services.MAX_GUIDELINE_CHARS, trim_whitespace=False, help_text="Markdown."
    )
    change = Choice(
        choices=GuidelineVersion.Change.choices,
        default=GuidelineVersion.Change.MINOR,
        help_text="After a major change annotators must accept the guidelines again before they continue.",
    )


class GuidelineRow(serializers.ModelSerializer[GuidelineVersion]):
    class Meta:
        model = GuidelineVersion
        fields: tuple[str, ...] = (
            *("id", "number", "change", "sha256", "created_at", "published_at"),
            *("reading_minor", "rereading_minor"),
        )
        extra_kwargs: ClassVar = {
            "reading_minor": {
                "help_text": "What an annotator gets for reading it, with the first accepted answer under it; 0 for a "
                "draft, a short text, and where nobody is paid."
            },
            "rereading_minor": {"help_text": "What one gets who accepted the version before."},
        }


class GuidelineRule(serializers.Serializer[Any]):
    id = serializers.CharField(
        help_text="A rule keeps its id in all versions. No other rule ever gets it."
    )
    title = serializers.CharField(help_text="The heading, as plain text.")
    level = serializers.IntegerField(help_text="1 is the highest level.")


class RetiredItemAnswer(serializers.Serializer[publishing.RetiredItem]):
    item = serializers.UUIDField(source="item_id", help_text="The keyed item.")
    external_id = serializers.CharField()
    keys = serializers.IntegerField(help_text="How many right answers to it retire.")


class LostRuleAnswer(serializers.Serializer[publishing.LostRule]):
    rule = serializers.CharField(help_text="The id of the rule.")
    keys = serializers.IntegerField(help_text="How many right answers cite it.")


class PublishBody(Body):
    reading_minor = Integer(
        min_value=0,
        max_value=MAX_READING_MINOR,
        required=False,
        help_text="What reading the whole version pays, in minor units, if that is more than the project's pay for an "
        "hour makes it.",
    )


class Guideline(GuidelineRow):
    rules = GuidelineRule(many=True, help_text="The headings of the text, in order.")
    retires = RetiredItemAnswer(
        many=True,
        help_text="The keyed items whose texts a draft shows. When you publish it, everybody reads the right answers, "
        "so these retire. Empty once the version is published.",
    )
    lost_rules = LostRuleAnswer(
        many=True,
        help_text="The rules that right answers cite and a draft does not have. Annotators would be shown a rule that "
        "they cannot read: retire these answers, or keep the rules. Empty once the version is published.",
    )

    class Meta(GuidelineRow.Meta):
        fields = (*GuidelineRow.Meta.fields, "text", "rules", "retires", "lost_rules")

    def to_representation(self, instance: GuidelineVersion) -> dict[str, Any]:
        instance.retires = publishing.retired_by(instance)  # type: ignore[attr-defined]
        instance.lost_rules = publishing.lost_by(instance)  # type: ignore[attr-defined]
        shown: dict[str, Any] = super().to_representation(instance)
        return shown


class Guidelines(WorkspaceAPIView):
    scopes = SCOPES
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(GuidelineRow))
    def get(self, request: Request, project: Project) -> Response:
        """List the versions of a project's guidelines, newest first, without their texts."""
        rows = GuidelineVersion.objects.filter(project=project).defer("text", "rules")
        return page(request, rows, GuidelineRow, ordering="-number")

    @extend_schema(request=GuidelineBody, responses={201: Guideline})
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Store the text as the next version. It is a draft until you publish it."""
        fields = GuidelineBody.read(request)
        version = services.draft_guideline(
            project=project, created_by_id=caller_of(request).created_by_id, **fields
        )
        return Response(Guideline(version).data, status=201)


class OneGuideline(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=Guideline)
    def get(self, request: Request, project: Project, number: int) -> Response:
        """Return one version with its text."""
        return Response(Guideline(_version(project, number)).data)


class PublishGuideline(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(
        request=PublishBody,
        responses={
            200: Guideline,
            409: OpenApiResponse(description="A newer version is in force (`superseded`)."),
        },
    )
    @idempotent
    def post(self, request: Request, project: Project, number: int) -> Response:
        """Put the version in force. Publishing it again changes nothing.

        Annotators are paid for reading it, with their first accepted answer under it.
        """
        fields = PublishBody.read(request)
        version = services.publish_guideline(
            version=_version(project, number),
            actor_id=caller_of(request).created_by_id,
            **fields,
        )
        return Response(Guideline(version).data)


def _version(project: Project, number: int) -> GuidelineVersion:
    version = GuidelineVersion.objects.filter(project=project, number=number).first()
    if version is None:
        raise Http404
    return version
