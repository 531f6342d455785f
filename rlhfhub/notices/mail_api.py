"""REST for a person's own desk key: how they want mails, and their quiet hours, in all their workspaces."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Integer, Text
from rlhfhub.api.views import DeskAPIView
from rlhfhub.notices import quiet, selectors, services
from rlhfhub.notices.topics import How, Topic, can_be_off


class TopicAnswer(serializers.Serializer[Any]):
    topic = serializers.ChoiceField(choices=Topic.choices)
    how = serializers.ChoiceField(choices=How.choices, help_text="How you get mails about it.")
    can_be_off = serializers.BooleanField(
        help_text="False where the time to answer is limited, so that you always get mails."
    )


def _choice(topic: Topic) -> Choice:
    ways = [(how.value, how.label) for how in How if how != How.OFF or can_be_off(topic)]
    return Choice(choices=ways, required=False, help_text=topic.label)


class MailsBody(Body):
    """A way for each topic to change."""

    def get_fields(self) -> dict[str, Any]:
        return {topic.value: _choice(topic) for topic in Topic}


class OwnMails(DeskAPIView):
    scopes: ClassVar = {"GET": "desk", "PATCH": "desk"}

    @extend_schema(responses=TopicAnswer(many=True))
    def get(self, request: Request) -> Response:
        """Return how you get mails about each topic. Notices are in the page and under `notices/` all the same."""
        return _mails(request)

    @extend_schema(request=MailsBody, responses=TopicAnswer(many=True))
    def patch(self, request: Request) -> Response:
        """Choose how you get mails: at once, once a day, or not at all. Topics that you leave out stay as they are."""
        for topic, how in MailsBody.read(request).items():
            services.prefer(person_id=caller_of(request).person_id, topic=topic, how=how)
        return _mails(request)


def _mails(request: Request) -> Response:
    choices = selectors.choices_of(caller_of(request).person_id)
    return Response(TopicAnswer(choices, many=True).data)


class QuietHoursAnswer(serializers.Serializer[Any]):
    from_hour = serializers.IntegerField(allow_null=True, help_text="The full hour, 0 to 23.")
    to_hour = serializers.IntegerField(
        allow_null=True, help_text="The full hour at which they end; the next day if it is earlier."
    )
    time_zone = serializers.CharField(allow_null=True)


class QuietHoursBody(Body):
    from_hour = Integer(min_value=0, max_value=23, help_text="A full hour.")
    to_hour = Integer(
        min_value=0,
        max_value=23,
        help_text="Another full hour. If it is earlier, it is the next day's.",
    )
    time_zone = Text(max_length=64, help_text="A name of the IANA's list, such as `Asia/Manila`.")


class OwnQuietHours(DeskAPIView):
    scopes: ClassVar = {"GET": "desk", "PUT": "desk", "DELETE": "desk"}

    @extend_schema(responses=QuietHoursAnswer)
    def get(self, request: Request) -> Response:
        """Return your quiet hours; each field is null if you have none."""
        return _quiet_hours(request)

    @extend_schema(request=QuietHoursBody, responses=QuietHoursAnswer)
    def put(self, request: Request) -> Response:
        """Set your quiet hours. Mails wait until they end, but for those about decisions on your work."""
        fields = QuietHoursBody.read(request)
        quiet.be_quiet(person_id=caller_of(request).person_id, **fields)
        return _quiet_hours(request)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """End your quiet hours: mails come at any hour."""
        quiet.end_quiet(person_id=caller_of(request).person_id)
        return Response(status=204)


def _quiet_hours(request: Request) -> Response:
    found = quiet.quiet_of(caller_of(request).person_id)
    none = dict.fromkeys(("from_hour", "to_hour", "time_zone"))
    return Response(QuietHoursAnswer(found or none).data)
