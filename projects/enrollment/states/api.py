"""Enrollments over REST: a workspace lists and changes them; an annotator leaves, comes back, replies."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.enrollment.models import Enrollment
from projects.enrollment.states import selectors, services
from projects.enrollment.states.models import NOTE_CHARS, STOP_REASONS, EnrollmentChange
from projects.plan.models import Project
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Text
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import DeskAPIView, WorkspaceAPIView, by_id

_IMPOSSIBLE = OpenApiResponse(
    description="The enrollment is in another state, or was changed meanwhile (`not_possible`)."
)


class EnrollmentRow(serializers.ModelSerializer[Enrollment]):
    annotator = serializers.CharField(source="pseudonym")
    joined_at = serializers.DateTimeField(source="created_at")
    state = serializers.ChoiceField(choices=Enrollment.State.choices)
    reason = serializers.ChoiceField(
        choices=EnrollmentChange.Reason.choices,
        allow_null=True,
        help_text="Of the last change by a person; null if there was none.",
    )
    note = serializers.CharField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True, help_text="When that change was made.")

    class Meta:
        model = Enrollment
        fields: tuple[str, ...] = (
            *("id", "annotator", "state", "reason", "note", "since", "joined_at"),
        )


class ReplyShown(serializers.Serializer[Any]):
    text = serializers.CharField()
    at = serializers.DateTimeField()


class ChangeAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    from_state = serializers.ChoiceField(choices=Enrollment.State.choices)
    to_state = serializers.ChoiceField(choices=Enrollment.State.choices)
    reason = serializers.ChoiceField(choices=EnrollmentChange.Reason.choices)
    note = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField(
        help_text="The member who decided. Empty for annotators, who do not see it, and if the annotator did it."
    )
    is_own = serializers.BooleanField(help_text="Whether the annotator did it.")
    reply = ReplyShown(allow_null=True, help_text="What the annotator replied.")


class StateAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    annotator = serializers.CharField()
    state = serializers.ChoiceField(choices=Enrollment.State.choices)
    changes = ChangeAnswer(many=True, help_text="The newest fifty, the newest first.")


def _enrollment(enrollment: Enrollment) -> Response:
    answer = {
        "id": enrollment.pk,
        "annotator": enrollment.pseudonym,
        "state": enrollment.state,
        "changes": selectors.changes_of(enrollment, for_members=True),
    }
    return Response(StateAnswer(answer).data)


class ProjectEnrollments(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(EnrollmentRow))
    def get(self, request: Request, project: Project) -> Response:
        """List the annotators of a project with the state of each one's enrollment, why and since when."""
        return page(request, selectors.enrollments_of(project.pk), EnrollmentRow)


class OneEnrollment(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"enrollment": by_id(Enrollment)}

    @extend_schema(responses=StateAnswer)
    def get(self, request: Request, enrollment: Enrollment) -> Response:
        """Return an annotator's enrollment, with what people did with it."""
        return _enrollment(enrollment)


class StopBody(Body):
    reason = Choice(choices=STOP_REASONS)
    note = Text(
        max_length=NOTE_CHARS, help_text="In words, from 10 characters. The annotator reads it."
    )


class PauseEnrollment(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"enrollment": by_id(Enrollment, "project")}

    @extend_schema(request=StopBody, responses={200: StateAnswer, 409: _IMPOSSIBLE})
    @idempotent
    def post(self, request: Request, enrollment: Enrollment) -> Response:
        """Pause an annotator's enrollment, with a reason. Takes the key of a member who may edit.

        They get no new item. One that they hold can be finished; submitted answers are decided and paid.
        """
        actor_id = caller_of(request).created_by_id
        services.pause(enrollment=enrollment, actor_id=actor_id, **StopBody.read(request))
        return _enrollment(enrollment)


class EndEnrollment(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"enrollment": by_id(Enrollment, "project")}

    @extend_schema(request=StopBody, responses={200: StateAnswer, 409: _IMPOSSIBLE})
    @idempotent
    def post(self, request: Request, enrollment: Enrollment) -> Response:
        """End an annotator's enrollment, with a reason. Takes the key of a member who may edit.

        An item that they hold can still be submitted or returned; submitted answers are decided and paid. `restore`
        takes it back.
        """
        actor_id = caller_of(request).created_by_id
        services.end(enrollment=enrollment, actor_id=actor_id, **StopBody.read(request))
        return _enrollment(enrollment)


class GiveBackBody(Body):
    note = Text(max_length=NOTE_CHARS, required=False, allow_blank=True)


class ResumeEnrollment(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"enrollment": by_id(Enrollment, "project")}

    @extend_schema(request=GiveBackBody, responses={200: StateAnswer, 409: _IMPOSSIBLE})
    @idempotent
    def post(self, request: Request, enrollment: Enrollment) -> Response:
        """Resume a paused enrollment, in the state that it had before the pause."""
        actor_id = caller_of(request).created_by_id
        services.resume(enrollment=enrollment, actor_id=actor_id, **GiveBackBody.read(request))
        return _enrollment(enrollment)


class RestoreEnrollment(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"enrollment": by_id(Enrollment, "project")}

    @extend_schema(request=GiveBackBody, responses={200: StateAnswer, 409: _IMPOSSIBLE})
    @idempotent
    def post(self, request: Request, enrollment: Enrollment) -> Response:
        """Take back the end of an enrollment that a member decided. It has the state again that it had before.

        The annotator keeps what they were cleared for. A calibration attempt that was running has ended, and they wait
        for another. An enrollment that its annotator left is not given back: they can come back by themselves.
        """
        actor_id = caller_of(request).created_by_id
        services.restore(enrollment=enrollment, actor_id=actor_id, **GiveBackBody.read(request))
        return _enrollment(enrollment)


class OwnStateAnswer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=Enrollment.State.choices)
    changes = ChangeAnswer(many=True, help_text="The newest fifty, the newest first.")
    may_leave = serializers.BooleanField()
    may_rejoin = serializers.BooleanField(
        help_text="Whether you left it yourself, and can come back through the guidelines."
    )
    may_reply = serializers.BooleanField(
        help_text="Whether you can reply, once, to its pause or end."
    )


def _own(enrollment: Enrollment) -> Response:
    return Response(OwnStateAnswer(selectors.own_state(enrollment)).data)


class OwnState(DeskAPIView):
    finds: ClassVar = {"enrollment": by_id(Enrollment)}

    @extend_schema(responses=OwnStateAnswer)
    def get(self, request: Request, enrollment: Enrollment) -> Response:
        """Return your enrollment in a project: what was done with it, why, and what you can do."""
        return _own(enrollment)


class LeaveBody(Body):
    note = Text(
        max_length=NOTE_CHARS, required=False, allow_blank=True, help_text="For the workspace."
    )


class Leave(DeskAPIView):
    finds: ClassVar = {"enrollment": by_id(Enrollment)}

    @extend_schema(request=LeaveBody, responses={200: OwnStateAnswer})
    def post(self, request: Request, enrollment: Enrollment) -> Response:
        """Leave a project. An item that you hold is returned, at no cost. What you earned stays.

        Undecided answers are decided as if you had stayed. Leaving a project that you have left changes nothing.
        """
        services.leave(enrollment=enrollment, **LeaveBody.read(request))
        return _own(enrollment)


class Rejoin(DeskAPIView):
    finds: ClassVar = {"enrollment": by_id(Enrollment)}

    @extend_schema(request=None, responses={200: OwnStateAnswer, 409: _IMPOSSIBLE})
    def post(self, request: Request, enrollment: Enrollment) -> Response:
        """Come back to a project that you left. Then accept its guidelines again."""
        services.rejoin(enrollment=enrollment)
        return _own(enrollment)


class EnrollmentReplyBody(Body):
    text = Text(max_length=NOTE_CHARS, help_text="From 10 characters.")


class ReplyToStop(DeskAPIView):
    finds: ClassVar = {"enrollment": by_id(Enrollment, "project")}

    @extend_schema(
        request=EnrollmentReplyBody,
        responses={
            200: OwnStateAnswer,
            409: OpenApiResponse(
                description="No member paused or ended it (`not_possible`), or you replied before (`replied_once`)."
            ),
        },
    )
    def post(self, request: Request, enrollment: Enrollment) -> Response:
        """Reply, once, to the pause or the end of your enrollment. Managers and staff read it."""
        services.reply(enrollment=enrollment, **EnrollmentReplyBody.read(request))
        return _own(enrollment)
