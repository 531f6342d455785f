"""The desk over REST, for an annotator with their own key: lease, submit, return, draft."""

import uuid
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.kinds import form as forms
from projects.plan.models import GuidelineVersion
from projects.work.services import annotations, leasing, refusals
from projects.work.services.annotations import MOST_ACTIVE_MS
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Money, Text, only
from rlhfhub.api.views import DeskAPIView
from rlhfhub.ground.refusals import invalid


class LeaseRequest(serializers.Serializer[Any]):
    project = serializers.UUIDField(
        required=False,
        help_text="The id of the project to work in. Required if you work in several projects.",
    )


class Message(serializers.Serializer[Any]):
    role = serializers.CharField()
    content = serializers.CharField()


class ShownResponse(serializers.Serializer[Any]):
    key = serializers.CharField(
        help_text="The name of this response in an answer. It is valid under this lease only."
    )
    messages = Message(many=True)


class LeaseForm(serializers.Serializer[Any]):
    questions = serializers.ListField(child=serializers.DictField())


class LeaseAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    project = serializers.UUIDField()
    expires_at = serializers.DateTimeField()
    seconds_left = serializers.FloatField()
    guideline_version = serializers.IntegerField()
    form = LeaseForm()
    prompt = Message(many=True)
    responses = ShownResponse(many=True, help_text="In the order drawn for this lease.")
    context = serializers.DictField()  # type: ignore[assignment]
    draft = serializers.DictField(allow_null=True)
    price = Money()


class SubmitRequest(serializers.Serializer[Any]):
    answer = serializers.DictField(
        help_text="A field for each question, by the question's name. A preference is "
        '{"choice": "<response key>", "strength": 2} or {"choice": "tie"}; a rating is '
        '{"<response key>": 4} with the key of every response; a text is a string.'
    )
    pasted_percent = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=100,
        help_text="How much of the answer's text was pasted or dropped, in percent of its characters, if you count it.",
    )
    active_ms = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MOST_ACTIVE_MS,
        help_text=(
            "The active time spent on the answer in milliseconds, if you count it. It counts up to the length of the "
            "lease; else the whole time since the lease does."
        ),
    )


class SubmitAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    submitted_at = serializers.DateTimeField()


class ReturnRequest(Body):
    reason = Choice(choices=annotations.RETURN_REASONS)
    note = Text(required=False, max_length=500, allow_blank=True)


_PROGRAMS = OpenApiResponse(description="The project takes no answers by program (`programs_off`).")
_ENDED = OpenApiResponse(
    description="The lease has ended (`lease_ended`), or you may not work in this project now."
)


def lease_json(held: leasing.HeldLease) -> dict[str, Any]:
    """Return a live lease as JSON. It does not contain the stored order or the models of the responses."""
    return {
        "id": held.id,
        "project": held.project_id,
        "expires_at": held.expires_at,
        "seconds_left": max(0.0, round(held.seconds_left, 1)),
        "guideline_version": _guideline_number(held.guideline_version_id),
        "form": {"questions": forms.present(annotations.form_questions(held.form_id))},
        "prompt": held.prompt,
        "responses": held.responses,
        "context": held.context,
        "draft": held.draft,
        "price": {"amount_minor": held.price_minor, "currency": held.currency},
    }


_numbers: dict[uuid.UUID, int] = {}


def _guideline_number(version_id: uuid.UUID) -> int:
    # Each process reads a version's number only once, because it never changes.
    if version_id not in _numbers:
        _numbers[version_id] = GuidelineVersion.objects.values_list("number", flat=True).get(
            pk=version_id
        )
    return _numbers[version_id]


def _project_id(value: Any) -> uuid.UUID | None:
    if value is None:
        return None
    try:
        return uuid.UUID(value) if isinstance(value, str) else uuid.UUID("")
    except ValueError as error:
        raise invalid("project", "must be a project's id") from error


def _counted(fields: dict[str, Any]) -> dict[str, int | None]:
    """Return what the client counted beside the answer, as the services take it."""
    return {
        name: _whole(name, fields.get(name), most)
        for name, most in (("pasted_percent", 100), ("active_ms", MOST_ACTIVE_MS))
    }


def _whole(name: str, value: Any, most: int) -> int | None:
    if value is not None and (type(value) is not int or not 0 <= value <= most):
        raise invalid(name, f"must be a whole number from 0 to {most}")
    return value


class Lease(DeskAPIView):
    @extend_schema(
        request=LeaseRequest, responses={200: LeaseAnswer, 204: None, 403: _PROGRAMS, 409: _ENDED}
    )
    def post(self, request: Request) -> Response:
        """Get your live lease, or a new one on the next item. 204 means that there is nothing to do now.

        While your lease is live, another request returns the same lease. In a calibration attempt 204 may also mean
        that three of your answers wait to be marked: ask again in a few seconds.
        """
        with refusals.from_database():
            held = leasing.lease_next(
                project_id=_project_id(only(request, "project").get("project")),
                person_id=caller_of(request).person_id,
                grace_seconds=settings.LEASE_GRACE_SECONDS,
            )
        if held is None:
            return Response(status=204, headers={"Retry-After": "10"})
        return Response(lease_json(held))


class Submit(DeskAPIView):
    @extend_schema(
        request=SubmitRequest,
        responses={201: SubmitAnswer, 400: OpenApiResponse(), 403: _PROGRAMS, 409: _ENDED},
    )
    def post(self, request: Request, lease_id: uuid.UUID) -> Response:
        """Submit the answer and end the lease. A response of 201 means that the answer is stored."""
        fields = only(request, "answer", "pasted_percent", "active_ms")
        with refusals.from_database():
            done = annotations.submit(
                lease_id=lease_id,
                answer=fields.get("answer"),
                grace_seconds=settings.LEASE_GRACE_SECONDS,
                **_counted(fields),
            )
        return Response(
            {"id": done.id, "state": "submitted", "submitted_at": done.submitted_at}, status=201
        )


class Return(DeskAPIView):
    @extend_schema(request=ReturnRequest, responses={204: None, 409: _ENDED})
    def post(self, request: Request, lease_id: uuid.UUID) -> Response:
        """Return the item unanswered, with a reason. The item goes to somebody else.

        This costs you nothing, but in a calibration attempt: there `returns_left` of your attempt says how many more
        may be returned, and each further one counts as a wrong answer.
        """
        fields = ReturnRequest.read(request)
        annotations.return_lease(
            lease_id=lease_id,
            reason=fields["reason"],
            note=fields.get("note", ""),
        )
        return Response(status=204)


class Draft(DeskAPIView):
    @extend_schema(request=SubmitRequest, responses={204: None, 403: _PROGRAMS, 409: _ENDED})
    def put(self, request: Request, lease_id: uuid.UUID) -> Response:
        """Save an incomplete answer. The lease returns it as `draft`, also after the item was leased to you again."""
        fields = only(request, "answer", "pasted_percent", "active_ms")
        answer, counted = fields.get("answer"), _counted(fields)
        if not isinstance(answer, dict):
            raise invalid("answer", "must be an object")
        with refusals.from_database():
            annotations.save_draft(lease_id=lease_id, answer=answer, **counted)
        return Response(status=204)
