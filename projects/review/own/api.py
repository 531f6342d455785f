"""An annotator's decisions over REST: reading them, appealing against a rejection, revising a returned answer."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.kinds import form as forms
from projects.review.models import Decision
from projects.review.own.decided import decided_of
from projects.review.own.outcomes import Pay, Step, outcomes_of
from projects.review.own.revision import Revision, ending_of, is_stored, revision_of
from projects.review.services import appeals, returning
from projects.work.api import LeaseAnswer, SubmitRequest
from projects.work.models import Annotation
from projects.work.services import refusals
from projects.work.services.annotations import MOST_ACTIVE_MS
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Integer, Money, Text, money
from rlhfhub.api.pagination import KeyPages
from rlhfhub.api.queries import PageQuery
from rlhfhub.api.schema import paged
from rlhfhub.api.views import DeskAPIView
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes


class OwnDecisionAnswer(serializers.Serializer[Any]):
    annotation = serializers.UUIDField()
    project = serializers.UUIDField()
    submitted_at = serializers.DateTimeField()
    price = Money()
    state = serializers.ChoiceField(choices=[step.value for step in Step])
    pay = serializers.ChoiceField(
        choices=[pay.value for pay in Pay], help_text="What becomes of the price."
    )
    guideline_version = serializers.IntegerField()
    reason = serializers.ChoiceField(
        choices=Decision.Reason.choices, allow_blank=True, help_text="Why it was rejected."
    )
    rule = serializers.CharField(
        help_text="The rule that a rejection cites, by its id in the guideline version."
    )
    note = serializers.CharField(help_text="What the reviewer wrote with the rejection.")
    rejected_at = serializers.DateTimeField(allow_null=True)
    appeal_by = serializers.DateTimeField(
        allow_null=True, help_text="A rejection can be appealed until then."
    )
    statement = serializers.CharField(help_text="What you wrote in your appeal.")
    appealed_at = serializers.DateTimeField(allow_null=True)
    appeal_due = serializers.DateTimeField(
        allow_null=True, help_text="If nobody decides the appeal until then, you are paid."
    )
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_note = serializers.CharField(help_text="What the person wrote who decided the appeal.")
    returned_at = serializers.DateTimeField(allow_null=True)
    returned_note = serializers.CharField(help_text="What you are asked to revise.")
    revise_by = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True, help_text="When you revised it.")


_OF_OUTCOME = (
    *("reason", "rule", "note", "rejected_at", "appeal_by", "statement", "appealed_at"),
    *("appeal_due", "ended_at", "ended_note", "returned_at", "returned_note", "revise_by"),
    "answered_at",
)


def _answers(rows: Sequence[Annotation], person_id: uuid.UUID) -> list[Any]:
    outcomes = outcomes_of(person_id, [row.pk for row in rows])
    found = []
    for row in rows:
        outcome = outcomes[row.pk]
        made = {
            "annotation": row.pk,
            "project": row.project_id,
            "submitted_at": row.submitted_at,
            "price": money(row.price_minor, row.currency),
            "state": outcome.step,
            "pay": outcome.pay,
            "guideline_version": row.guideline_version.number,
            **{name: getattr(outcome, name) for name in _OF_OUTCOME},
        }
        found.append(OwnDecisionAnswer(made).data)
    return found


class OwnDecisions(DeskAPIView):
    queries: ClassVar = {"GET": PageQuery}

    @extend_schema(responses=paged(OwnDecisionAnswer))
    def get(self, request: Request) -> Response:
        """Your answers in this key's workspace that were rejected or sent back, the newest answer first."""
        person = caller_of(request).person_id
        rows = decided_of(person).select_related("guideline_version")
        # Only what is shown: answers can be large, and the page's texts have at most some kilobytes each.
        lean = rows.only(
            *("project_id", "submitted_at", "price_minor", "currency", "guideline_version__number")
        )
        pages = KeyPages()
        pages.take(lean, request, lambda row: row.pk)
        return pages.get_paginated_response(_answers(pages.page or [], person))


class AppealBody(Body):
    statement = Text(
        max_length=appeals.STATEMENT_CHARS,
        help_text="Why the cited rule was not broken, in 10 characters or more.",
    )


class AppealAnswer(serializers.Serializer[Any]):
    annotation = serializers.UUIDField()
    appealed_at = serializers.DateTimeField()
    decide_by = serializers.DateTimeField(
        help_text="If nobody decides the appeal until then, you are paid."
    )


class MakeAppeal(DeskAPIView):
    @extend_schema(
        request=AppealBody,
        responses={
            200: AppealAnswer,
            201: AppealAnswer,
            409: OpenApiResponse(
                description="The answer is not rejected (`not_rejected`), you have appealed before (`appealed_once`), "
                "or the time to appeal is over (`too_late`)."
            ),
        },
    )
    def post(self, request: Request, annotation: uuid.UUID) -> Response:
        """Appeal against the rejection of your answer. Somebody outside the workspace decides if the rule was broken.

        Sending the same statement again changes nothing and gives the same answer, with 200.
        """
        statement = AppealBody.read(request)["statement"]
        known = outcomes_of(caller_of(request).person_id, [annotation]).get(annotation)
        if known and known.appealed_at and known.statement == statement.strip():
            return _appeal_answer(annotation, known.appealed_at, known.appeal_due, status=200)
        made = appeals.appeal(annotation_id=annotation, statement=statement)
        return _appeal_answer(annotation, made.appealed_at, made.decide_by, status=201)


def _appeal_answer(
    annotation_id: uuid.UUID,
    appealed_at: datetime,
    decide_by: datetime | None,
    *,
    status: int,
) -> Response:
    answer = {"annotation": annotation_id, "appealed_at": appealed_at, "decide_by": decide_by}
    return Response(AppealAnswer(answer).data, status=status)


class ReturnedAnswer(LeaseAnswer):
    """A returned answer in the shape of a lease: `draft` is the answer that was sent back."""

    note = serializers.CharField(help_text="What you are asked to revise.")


class OwnAnnotation(DeskAPIView):
    @extend_schema(
        responses={
            200: ReturnedAnswer,
            409: OpenApiResponse(description="It does not wait for revision (`not_returned`)."),
        }
    )
    def get(self, request: Request, annotation: uuid.UUID) -> Response:
        """Get an answer that was sent back to you, in the shape of a lease."""
        revision = revision_of(annotation)
        if revision is None:
            raise Http404
        return Response(_returned_json(_opened(revision)))


def _returned_json(revision: Revision) -> dict[str, Any]:
    return {
        "id": revision.annotation_id,
        "project": revision.project_id,
        "expires_at": revision.revise_by,
        "seconds_left": round(revision.seconds_left, 1),
        "guideline_version": revision.guideline_version,
        "form": {"questions": forms.present(revision.questions)},
        "prompt": revision.prompt,
        "responses": revision.responses,
        "context": revision.context,
        "draft": revision.draft,
        "price": money(revision.price_minor, revision.currency),
        "note": revision.outcome.returned_note,
    }


def _opened(revision: Revision) -> Revision:
    if not revision.is_open:
        words = ending_of(revision).detail
        if revision.outcome.answered_at:
            words = f"{returning.REVISED_ALREADY} {words}"
        raise Refused("not_returned", words, status=409)
    return revision


def _not_sent_back(annotation_id: uuid.UUID) -> Exception:
    """Return the error for an annotation that was never sent back: 409 for an own one, else 404."""
    if not Annotation.objects.filter(pk=annotation_id).exists():
        return Http404()
    words = "This answer was not sent back to you, so there is nothing to revise."
    return Refused("not_returned", words, status=409)


class ReviseBody(Body):
    answer = serializers.DictField(help_text=SubmitRequest().fields["answer"].help_text)
    pasted_percent = Integer(required=False, allow_null=True, min_value=0, max_value=100)
    active_ms = Integer(required=False, allow_null=True, min_value=0, max_value=MOST_ACTIVE_MS)


class RevisedAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()


class Revise(DeskAPIView):
    @extend_schema(
        request=SubmitRequest,
        responses={
            200: RevisedAnswer,
            400: OpenApiResponse(),
            409: OpenApiResponse(
                description="It was not sent back, or does not wait for revision any more (`not_returned`)."
            ),
        },
    )
    def post(self, request: Request, annotation: uuid.UUID) -> Response:
        """Submit an answer that was sent back to you again. It names the responses by the keys of the same lease.

        Sending the same answer again changes nothing.
        """
        fields = ReviseBody.read(request)
        known = revision_of(annotation)
        if known is None:
            raise _not_sent_back(annotation)
        if known.outcome.answered_at and is_stored(known, fields["answer"]):
            return Response({"id": annotation, "state": known.outcome.state})
        revision = _opened(known)
        planes.narrow_to_project(revision.project_id)
        with refusals.from_database():
            returning.revise(
                annotation_id=annotation,
                answer=fields["answer"],
                pasted_percent=fields.get("pasted_percent"),
                active_ms=fields.get("active_ms"),
            )
        return Response({"id": annotation, "state": "submitted"})
