"""REST for an annotator's own calibration: the attempts, the feedback after a verdict, and the second attempt."""

import uuid
from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from projects.calibration import own
from projects.calibration.api import own_shapes
from projects.calibration.services import attempts
from projects.enrollment.models import Enrollment
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import NoFields
from rlhfhub.api.views import DeskAPIView


def _own(request: Request, enrollment_id: uuid.UUID) -> Enrollment:
    rows = Enrollment.objects.filter(annotator_id=caller_of(request).person_id)
    found = rows.select_related("project__guideline_version").filter(pk=enrollment_id).first()
    if found is None:
        raise Http404
    return found


def _answer(enrollment: Enrollment) -> dict[str, Any]:
    standing = own.standing_of(enrollment)
    answer = {
        "step": standing.step,
        "retake_at": standing.retake_at,
        "attempts": own.own_attempts(enrollment.pk),
    }
    return own_shapes.OwnCalibrationAnswer(answer).data


class OwnCalibration(DeskAPIView):
    scopes: ClassVar = {"GET": "desk"}

    @extend_schema(responses=own_shapes.OwnCalibrationAnswer)
    def get(self, request: Request, enrollment: uuid.UUID) -> Response:
        """Show your attempts in a project, and what you can do now. Scores come with the verdict."""
        return Response(_answer(_own(request, enrollment)))


class OwnFeedback(DeskAPIView):
    scopes: ClassVar = {"GET": "desk"}

    @extend_schema(responses=own_shapes.FeedbackAnswer)
    def get(self, request: Request, enrollment: uuid.UUID, attempt: uuid.UUID) -> Response:
        """Show your answers in a decided attempt beside the right ones. Before the verdict there is nothing (404)."""
        mine = _own(request, enrollment)
        found = next((one for one in own.own_attempts(mine.pk) if one.id == attempt), None)
        if found is None or found.state not in ("passed", "failed"):
            raise Http404
        answer = {"attempt": found, "results": own.feedback_of(mine, attempt)}
        return Response(own_shapes.FeedbackAnswer(answer).data)


class Retake(DeskAPIView):
    scopes: ClassVar = {"POST": "desk"}

    @extend_schema(
        request=None,
        responses={
            200: own_shapes.OwnCalibrationAnswer,
            409: OpenApiResponse(
                description="Not yet (`too_early`), or no round is open to you (`waits`)."
            ),
        },
    )
    def post(self, request: Request, enrollment: uuid.UUID) -> Response:
        """Begin another attempt, on other items, when the waiting time after the last one is over.

        If your attempt was left because you gave no answer for some days, you go on with it instead, while its round is
        open and a seat is free. Your answers so far stay.
        """
        NoFields.read(request)
        mine = _own(request, enrollment)
        attempts.retake(enrollment_id=mine.pk)
        return Response(_answer(mine))
