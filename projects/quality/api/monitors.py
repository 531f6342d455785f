"""The monitors of a project over REST: how near each is to an alarm."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.plan.models import Project
from projects.quality.monitors.models import Monitor
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id


class MonitorAnswer(serializers.ModelSerializer[Monitor]):
    annotator = serializers.CharField(source="enrollment.pseudonym")
    level = serializers.FloatField(help_text="How near to an alarm, which is at 1.")
    seen = serializers.IntegerField(help_text="How many judgments have entered.")
    since = serializers.IntegerField(
        help_text="The change that it speaks for began after this judgment."
    )

    class Meta:
        model = Monitor
        fields: tuple[str, ...] = ("annotator", "kind", "level", "seen", "since", "at")


class Monitors(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(MonitorAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """What is watched of each annotator of a project, and how near each is to an alarm."""
        rows = Monitor.objects.filter(project=project, enrollment__isnull=False)
        answer: Response = page(
            request, rows.select_related("enrollment").defer("state"), MonitorAnswer
        )
        return answer
