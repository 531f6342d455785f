"""REST for an annotator's own key: their notices in its workspace."""

from typing import Any, ClassVar

from django.db.models import Q
from django_scopes import scopes_disabled
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Id
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import DeskAPIView
from rlhfhub.notices import services
from rlhfhub.notices.kinds import kind_of
from rlhfhub.notices.models import Notice
from rlhfhub.notices.topics import Topic

READ_AT_ONCE = 100


class NoticesQuery(PageQuery):
    """Filters of notices."""

    topic = serializers.ChoiceField(
        choices=Topic.choices, required=False, help_text="About this topic only."
    )
    unread = serializers.ChoiceField(
        choices=["true"], required=False, help_text="`true`: unread ones only."
    )


class NoticeAnswer(serializers.ModelSerializer[Notice]):
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField(help_text="What it means, and what to do.")
    path = serializers.SerializerMethodField(help_text="The page of this site where it leads.")

    class Meta:
        model = Notice
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "topic",
            "title",
            "text",
            "path",
            "created_at",
            "read_at",
        )

    @extend_schema_field(serializers.CharField)
    def get_title(self, row: Notice) -> str:
        return kind_of(row.kind).words(row.data).title

    @extend_schema_field(serializers.CharField)
    def get_text(self, row: Notice) -> str:
        return kind_of(row.kind).words(row.data).text

    @extend_schema_field(serializers.CharField)
    def get_path(self, row: Notice) -> str:
        return kind_of(row.kind).words(row.data).path


class Notices(DeskAPIView):
    queries: ClassVar = {"GET": NoticesQuery}

    @extend_schema(responses=paged(NoticeAnswer))
    def get(self, request: Request) -> Response:
        """What you were told about your work in this key's workspace, and by the site itself, newest first."""
        caller = caller_of(request)
        here_or_site = Q(workspace_id=caller.workspace_id) | Q(workspace=None)
        with scopes_disabled():  # what the site tells is of no workspace
            rows = Notice.objects.filter(here_or_site, person_id=caller.person_id)
        if topic := self.query.get("topic"):
            rows = rows.filter(topic=topic)
        if self.query.get("unread"):
            rows = rows.filter(read_at=None)
        return page(request, rows, NoticeAnswer)


class ReadBody(Body):
    notices = serializers.ListField(child=Id(), max_length=READ_AT_ONCE)


class ReadAnswer(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="How many of them were unread.")


class ReadNotices(DeskAPIView):
    @extend_schema(request=ReadBody, responses=ReadAnswer)
    def post(self, request: Request) -> Response:
        """Mark some of your notices as read. No mail tells them any more. Ids that are not yours change nothing."""
        caller = caller_of(request)
        read = services.read(
            person_id=caller.person_id,
            workspace_id=caller.workspace_id,
            notice_ids=ReadBody.read(request)["notices"],
        )
        return Response({"read": read})
