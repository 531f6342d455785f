"""REST for members: a project's calibration, its rounds, their attempts and disagreements."""

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from projects.calibration import funnels, planner, round_page, selectors
from projects.calibration.api import shapes
from projects.calibration.gate import gate_of
from projects.calibration.models import Attempt, Round
from projects.calibration.pool import can_be_asked, pool_of
from projects.calibration.reach import reach_of
from projects.calibration.rule import PassRule
from projects.calibration.services import rounds
from projects.plan import services as plan
from projects.plan.models import Project
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import NoFields
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import KeyPages, page
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id

_CONFLICT = OpenApiResponse(description="The round's present state does not allow this.")
_project = by_id(Project, "form")


def _round(round_id: uuid.UUID) -> Round:
    return selectors.round_of(round_id)


class Calibration(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "PATCH": "write"}
    finds: ClassVar = {"project": _project}

    @extend_schema(responses=shapes.CalibrationAnswer)
    def get(self, request: Request, project: Project) -> Response:
        """Show whether the project asks for calibration, how large its pools are, and what rounds would buy."""
        return Response(_calibration(project))

    @extend_schema(request=shapes.SettingsBody, responses=shapes.CalibrationAnswer)
    def patch(self, request: Request, project: Project) -> Response:
        """Change whether annotators must pass a round, and after how many days again. Omitted fields stay.

        Only an owner's key switches calibration off (403, `owners_only`).
        """
        given = shapes.SettingsBody.read(request)
        kept = {
            "calibration": project.calibration,
            "recalibrate_days": project.recalibrate_days,
        }
        plan.change_calibration(
            project=project, actor_id=caller_of(request).created_by_id, **(kept | given)
        )
        project.refresh_from_db(fields=["calibration", "recalibrate_days"])
        return Response(_calibration(project))


def _calibration(project: Project) -> dict[str, Any]:
    questions = can_be_asked(project)
    pools = {name: len(pool_of(project, name).items) for name in questions}
    first = next(iter(questions), "")
    answer = {
        "calibration": project.calibration,
        "recalibrate_days": project.recalibrate_days,
        "open_batches": selectors.open_main_batches(project.pk),
        "pools": pools,
        "plan": planner.plan_of(PassRule(question=first), pools.get(first, 0)),
    }
    return shapes.CalibrationAnswer(answer).data


class Rounds(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"project": _project}

    @extend_schema(responses=paged(shapes.RoundAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """List the project's calibration rounds, newest first."""
        rows = Round.objects.filter(project=project).select_related("guideline_version")
        rows = rows.defer("guideline_version__text", "guideline_version__rules")
        return page(request, rows, shapes.RoundAnswer, ordering="-number")

    @extend_schema(
        request=shapes.RoundBody,
        responses={
            201: shapes.RoundAnswer,
            409: OpenApiResponse(
                description="The pool is too small (`pool_too_small`), or somebody could pass by one and the same "
                "answer (`pool_unbalanced`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Make a round: draw the items of both attempts from the keyed items. Then fund it, which opens it."""
        settings = PassRule(**shapes.RoundBody.read(request))
        actor_id = caller_of(request).created_by_id
        made = rounds.make_round(project=project, settings=settings, actor_id=actor_id)
        return Response(shapes.RoundAnswer(made).data, status=201)


class OneRound(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"round": _round}

    @extend_schema(responses=shapes.OneRoundAnswer)
    def get(self, request: Request, round: Round) -> Response:
        """Return a round with its funnel, and what main batches wait for."""
        return Response(_one(round))


def _one(of: Round) -> dict[str, Any]:
    answer = {
        "round": of,
        "funnel": funnels.funnel_of(of),
        "gate": gate_of(of),
        "reach": reach_of(of) if of.state == Round.State.DRAFT else None,
    }
    return shapes.OneRoundAnswer(answer).data


class Attempts(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": PageQuery}
    finds: ClassVar = {"round": by_id(Round)}

    @extend_schema(responses=paged(shapes.AttemptAnswer))
    def get(self, request: Request, round: Round) -> Response:
        """List the attempts of a round, newest first, by pseudonym."""
        pages = KeyPages("-id")
        rows = Attempt.objects.filter(round=round).select_related("enrollment")
        pages.take(rows, request, lambda attempt: str(attempt.pk))
        lines = selectors.attempt_lines(pages.page or [])
        return pages.get_paginated_response(shapes.AttemptAnswer(lines, many=True).data)


class DisagreementsOfRound(WorkspaceAPIView):
    # Right answers are for those who may edit.
    scopes: ClassVar = {"GET": "write"}
    finds: ClassVar = {"round": _round}

    @extend_schema(responses=shapes.Disagreements)
    def get(self, request: Request, round: Round) -> Response:
        """Return the items that lower the group's agreement most, at most 20, with all answers and the right one."""
        found = round_page.disagreements_of(round)
        return Response(shapes.Disagreements({"results": found}).data)


class CloseRound(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"round": _round}

    @extend_schema(request=None, responses={200: shapes.OneRoundAnswer, 409: _CONFLICT})
    @idempotent
    def post(self, request: Request, round: Round) -> Response:
        """Close a round. Attempts that run are decided with what they have. Closing it again changes nothing."""
        NoFields.read(request)
        rounds.close_round(of=round, actor_id=caller_of(request).created_by_id)
        return Response(_one(selectors.round_of(round.pk)))


class OverrideGate(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"round": _round}

    @extend_schema(
        request=shapes.OverrideBody,
        responses={
            200: shapes.OneRoundAnswer,
            403: OpenApiResponse(description="The key was not made by an owner (`owners_only`)."),
            409: OpenApiResponse(
                description="The gate is open (`nothing_to_override`), or was overridden before (`overridden`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, round: Round) -> Response:
        """Let main batches open although the gate is closed, in writing. Only by a key that an owner has made."""
        reason = shapes.OverrideBody.read(request)["reason"]
        actor_id = caller_of(request).created_by_id
        rounds.override_gate(of=round, reason=reason, actor_id=actor_id)
        return Response(_one(selectors.round_of(round.pk)))
