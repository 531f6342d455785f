"""The quality of a project and of its annotators' answers over REST, read from stored figures only."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.calibration.api.shapes import ProjectFunnelAnswer
from projects.calibration.funnels import funnel_of_project
from projects.plan.models import Project
from projects.quality import history, people, quality_page, selectors
from projects.quality.alerts import selectors as alerts
from projects.quality.api.figures import (
    STATE_WORDS,
    Part,
    Snapshot,
    TagPart,
    VersionPart,
    judged_as,
)
from projects.quality.api.measured import ConsistencyAnswer, GoldAnswers, HitsAnswer
from projects.quality.api.questions import OneQuestionQuery, QuestionQuery, asked
from projects.quality.gold import consistency, figures, measured
from projects.quality.gold.figures import Hits
from projects.quality.models import AnnotatorFigures, PartAgreement
from projects.quality.person_page import Beside, beside_of
from projects.quality.signals import signals_of
from projects.quality.trust import STATES, Trust, trust_of, with_signals
from rlhfhub.api.pagination import KeyPages
from rlhfhub.api.schema import paged
from rlhfhub.api.views import WorkspaceAPIView, by_id

PartOf = PartAgreement.Part


_NEWEST = "The figures are computed from the project's newest answers only, so many. Null if from all of them."


class TrustAnswer(serializers.Serializer[Trust]):
    verdict = serializers.ChoiceField(
        choices=["yes", "with_care", "no", "not_known"],
        help_text="Whether the answers can be trusted, given agreement, open and upheld alerts, and keyed items.",
    )
    state = serializers.ChoiceField(choices=STATES, help_text=f"What agreement says. {STATE_WORDS}")
    title = serializers.CharField(help_text="Whether the answers can be trusted, in a sentence.")
    why = serializers.CharField(help_text="The figures of agreement, in a sentence or two.")
    cautions = serializers.ListField(
        child=serializers.CharField(), help_text="What else speaks against the answers."
    )
    is_taste = serializers.BooleanField(
        help_text="Whether people may differ on the question: the project's `taste_questions` name it."
    )


class StepAnswer(serializers.Serializer[quality_page.Step]):
    words = serializers.CharField(help_text="What to do next, and why.")
    where = serializers.ChoiceField(
        choices=["project", "contested", "guidelines", "annotators", "alerts", "exports"],
        help_text="The page on which to do it.",
    )


class CrowdAnswer(serializers.Serializer[quality_page.Crowd]):
    annotators = serializers.IntegerField(help_text="Annotators who have answered the question.")
    below = serializers.IntegerField(
        help_text="How many of them agree less with the rest than chance explains."
    )
    one_sided = serializers.IntegerField(
        help_text="How many of them choose one place on the screen too often."
    )
    newest = serializers.IntegerField(allow_null=True, help_text=_NEWEST)
    at = serializers.DateTimeField(allow_null=True, help_text="When this was computed.")


class QualityAnswer(serializers.Serializer[Any]):
    question = serializers.CharField(
        allow_null=True,
        help_text="The question that the figures are about. Null if no question makes judgments.",
    )
    trust = TrustAnswer(allow_null=True, help_text="Null without a question.")
    steps = StepAnswer(many=True, help_text="What to do next, the most useful first.")
    first = Snapshot(
        allow_null=True,
        help_text="The headline: agreement of first answers, whatever was revised or rejected later. "
        "Null before the first answer.",
    )
    accepted = Part(
        allow_null=True,
        help_text="Agreement of the accepted answers, as they are delivered. Null while nothing is accepted.",
    )
    versions = VersionPart(
        many=True, help_text="Agreement of first answers by guideline version, the newest first."
    )
    tags = TagPart(
        many=True,
        help_text="Agreement of first answers by the common values of the metadata keys that the project declared.",
    )
    annotators = CrowdAnswer(help_text="How many annotators stand out.")
    gold = GoldAnswers(allow_null=True, help_text="Null without a question.")
    repeats = ConsistencyAnswer(
        allow_null=True, help_text="How steadily people judge. Null without an answered repeat."
    )
    calibration = ProjectFunnelAnswer(
        allow_null=True, help_text="Null in a project that asks for no calibration."
    )


class QualityOfProject(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": OneQuestionQuery}
    finds: ClassVar = {"project": by_id(Project, "form")}

    @extend_schema(responses=QualityAnswer)
    def get(self, request: Request, project: Project) -> Response:
        """Return whether the project's answers to a question can be trusted, and why not."""
        question, scale = asked(self.query.get("question"), project)
        points = history.points(project_id=project.pk, question=question, most=1)
        first = points[-1] if points else None
        parts = quality_page.parts_of(project.pk, question)
        crowd = quality_page.crowd_of(project.pk, question)
        waiting = alerts.counts_of(project.pk).open
        own = trust = None
        if scale:
            signals = signals_of({project.pk: question}, {project.pk: waiting})[project.pk]
            own = measured.of_project(project, question, signals.gold)
            is_taste = selectors.is_taste(project, question)
            trust = with_signals(
                trust_of(first.measured if first else None, is_taste=is_taste), signals
            )
        answer = {
            "question": question or None,
            "trust": trust,
            "steps": quality_page.steps(project.pk, trust, crowd, waiting) if trust else [],
            "first": first,
            "accepted": next((one for one in parts if one.part == PartOf.ACCEPTED), None),
            "versions": [one for one in parts if one.part == PartOf.VERSION],
            "tags": [one for one in parts if one.part == PartOf.TAG],
            "annotators": crowd,
            "gold": own,
            "repeats": own and own.consistency,
            "calibration": funnel_of_project(project),
        }
        return Response(QualityAnswer(answer, context=judged_as(project)).data)


_DIRECTION = (
    "-1 or 1 if the annotator stands out below or above by a test at a false discovery rate of 5 % across annotators, "
    f"else 0. It needs {people.ENOUGH} judgments."
)


class BesideAnswer(serializers.Serializer[Beside]):
    annotator = serializers.CharField(source="pseudonym", help_text="The other annotator.")
    shared = serializers.IntegerField(help_text="How much both have judged.")
    agreement = serializers.FloatField(help_text="Share of it that both judged alike, 0 to 1.")
    kappa = serializers.FloatField(
        allow_null=True,
        help_text="Cohen's κ, weighted (quadratic) if the scale has an order. Null if both always judge the same.",
    )


class AnnotatorAnswer(serializers.ModelSerializer[AnnotatorFigures]):
    annotator = serializers.CharField(
        source="enrollment.pseudonym", help_text="The annotator's pseudonym."
    )
    answers = serializers.IntegerField(help_text="Answers to the question.")
    accepted = serializers.IntegerField(help_text="How many of them are accepted.")
    judgments = serializers.IntegerField(
        help_text="First judgments in the answers: several if each response is judged by itself."
    )
    compared = serializers.IntegerField(
        help_text="Judgments of something that somebody else judged too."
    )
    agreement = serializers.FloatField(
        allow_null=True,
        help_text="Share of compared judgments that are what most of the others say, 0 to 1. Where k "
        "of the others' values lead together, one of these counts 1/k.",
    )
    agreement_low = serializers.FloatField(
        allow_null=True, help_text="Lower end of its 95 % interval (Wilson)."
    )
    agreement_high = serializers.FloatField(
        allow_null=True, help_text="Upper end of its 95 % interval."
    )
    agreement_direction = serializers.IntegerField(help_text=_DIRECTION)
    median_seconds = serializers.FloatField(help_text="Median time of an answer, in seconds.")
    decided = serializers.IntegerField(help_text="Judgments that prefer one of two responses.")
    first_share = serializers.FloatField(
        allow_null=True,
        help_text="Share of these that prefer the response shown first, 0 to 1. The order is drawn at "
        "random, so it is near 0.5 if the place does not matter.",
    )
    first_low = serializers.FloatField(
        allow_null=True, help_text="Lower end of its 95 % interval (Wilson)."
    )
    first_high = serializers.FloatField(
        allow_null=True, help_text="Upper end of its 95 % interval."
    )
    first_direction = serializers.IntegerField(help_text=_DIRECTION)
    tie_share = serializers.FloatField(
        allow_null=True, help_text="Share of judgments that are ties; null on a scale without ties."
    )
    run = serializers.IntegerField(
        help_text="The most answers in a row that looked the same on the screen."
    )
    newest = serializers.IntegerField(allow_null=True, help_text=_NEWEST)
    at = serializers.DateTimeField(help_text="When this was computed.")
    gold = serializers.SerializerMethodField()
    repeats = serializers.SerializerMethodField()
    beside = serializers.SerializerMethodField()

    @extend_schema_field(HitsAnswer)
    def get_gold(self, row: AnnotatorFigures) -> Any:
        return HitsAnswer(self.context["gold"].get(row.enrollment_id, Hits())).data

    @extend_schema_field(ConsistencyAnswer(allow_null=True))
    def get_repeats(self, row: AnnotatorFigures) -> Any:
        found = self.context["repeats"].get(row.enrollment_id)
        return ConsistencyAnswer(found).data if found else None

    @extend_schema_field(BesideAnswer(many=True))
    def get_beside(self, row: AnnotatorFigures) -> Any:
        return BesideAnswer(self.context["beside"][row.pk], many=True).data

    class Meta:
        model = AnnotatorFigures
        fields: tuple[str, ...] = (
            *("annotator", "question", "answers", "accepted", "judgments", "compared"),
            *("agreement", "agreement_low", "agreement_high", "agreement_direction"),
            *("median_seconds", "decided", "first_share", "first_low", "first_high"),
            *("first_direction", "tie_share", "run", "newest", "at", "gold", "repeats", "beside"),
        )


class Annotators(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": QuestionQuery}
    finds: ClassVar = {"project": by_id(Project, "form")}

    @extend_schema(responses=paged(AnnotatorAnswer))
    def get(self, request: Request, project: Project) -> Response:
        """List each annotator's figures on a question, compared with those of the others.

        Answers to keyed items and repeats show under `gold` and, from 60 repeats on, `repeats`. `beside` are the other
        annotators with whom most is shared, at least 10 judgments each.
        """
        question, scale = asked(self.query.get("question"), project)
        rows = AnnotatorFigures.objects.filter(project=project, question=question)
        rows = rows.select_related("enrollment").defer(
            "differences", "span_ends", "span_compared", "span_agreed"
        )
        pages = KeyPages()
        pages.take(rows, request, lambda row: str(row.pk))
        ids = [row.enrollment_id for row in pages.page or []]
        of = {
            "gold": figures.gold_of(ids, question),
            "repeats": consistency.own_consistency(project.pk, question, scale, ids)
            if scale
            else {},
            "beside": beside_of(pages.page or []),
        }
        shown = AnnotatorAnswer(pages.page, many=True, context=of)
        return pages.get_paginated_response(shown.data)
