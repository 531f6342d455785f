"""Paid reviews over REST: have answers of a batch reviewed, and read the verdicts on an answer."""

from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.items.models import Batch
from projects.plan.models import Project
from projects.plan.services import MAX_PRICE_MINOR
from projects.review.children import advice, asking
from projects.review.children.asking import MOST, MOST_REVIEWERS, WHICH, Wanted
from projects.work.models import Annotation
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Integer
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.views import WorkspaceAPIView, by_id


class ReviewBody(Body):
    which = Choice(
        choices=list(WHICH.items()),
        default="all",
        help_text="Which undecided answers of the batch: all, a random share, or those with flags.",
    )
    percent = Integer(
        min_value=1, max_value=100, default=100, help_text="How large a random share is."
    )
    reviewers = Integer(
        min_value=1,
        max_value=MOST_REVIEWERS,
        default=1,
        help_text="How many people review each answer. It is accepted if all of them accept it.",
    )
    access = Choice(
        choices=Project.Access.choices,
        default=Project.Access.MARKET,
        help_text="Who reviews: annotators of the market, paid, or your own members, unpaid.",
    )
    price_minor = Integer(
        min_value=0,
        max_value=MAX_PRICE_MINOR,
        help_text="The pay for one review, in minor units of the workspace's currency.",
    )


class ReviewAnswer(serializers.Serializer[Any]):
    batch = serializers.UUIDField(help_text="The draft batch of the review: fund it and open it.")
    project = serializers.UUIDField(help_text="The project in which the answers are reviewed.")
    answers = serializers.IntegerField(help_text="How many answers are reviewed.")
    too_long = serializers.IntegerField(
        help_text="How many were left out, because they are too long for an item."
    )


class PaidReview(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"batch": by_id(Batch, "project__guideline_version")}

    @extend_schema(
        request=ReviewBody,
        responses={
            201: ReviewAnswer,
            409: OpenApiResponse(
                description=f"No answer is left (`no_answers`), or more than {MOST} are (`too_many`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, batch: Batch) -> Response:
        """Have undecided answers of this batch reviewed: make a draft batch of their review, to be funded and opened.

        An answer is accepted once all of its reviewers accept it. Otherwise their verdicts are advice, and a member
        decides. An answer that nobody decides on in time is accepted automatically as ever.
        """
        wanted = Wanted(**ReviewBody.read(request))
        asked = asking.ask(batch=batch, wanted=wanted, actor_id=caller_of(request).created_by_id)
        body = {
            "batch": asked.batch.pk,
            "project": asked.batch.project_id,
            "answers": asked.answers,
            "too_long": asked.too_long,
        }
        return Response(ReviewAnswer(body).data, status=201)


class VerdictAnswer(serializers.Serializer[Any]):
    pseudonym = serializers.CharField(help_text="The reviewer's, in the review's project.")
    verdict = serializers.CharField(help_text="`accept`, `return` or `broken`.")
    words = serializers.CharField()
    rule = serializers.CharField(help_text="The rule said to be broken; empty if none is named.")
    rule_title = serializers.CharField()
    note = serializers.CharField()
    given_at = serializers.DateTimeField()
    unclear = serializers.CharField(
        help_text="Why the verdict cannot be followed as it stands, such as accepting an answer and saying that it "
        "broke a rule. Empty if it can."
    )
    counts = serializers.BooleanField(
        help_text="False if the verdict is unclear, was rejected, or is of the answer before it was revised."
    )


class AdviceAnswer(serializers.Serializer[Any]):
    asked = serializers.IntegerField(help_text="How many verdicts were asked for.")
    waiting = serializers.IntegerField(help_text="How many are still to come.")
    verdicts = VerdictAnswer(many=True)


class Verdicts(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"annotation": by_id(Annotation)}

    @extend_schema(responses=AdviceAnswer)
    def get(self, request: Request, annotation: Annotation) -> Response:
        """Return what paid reviewers say of an answer, the newest first."""
        found = advice.of_annotation(annotation) or advice.Advice(0, [])
        body = {**asdict(found), "waiting": found.waiting}
        return Response(AdviceAnswer(body).data)
