"""Models of the quality room: the tallies of items, and agreement over time.

Those of monitors, alerts and annotators' own figures are in their own packages; Django finds them by the import here.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from projects.quality.alerts.models import Alert as Alert
from projects.quality.gold.models import GoldAnswer as GoldAnswer
from projects.quality.gold.models import RepeatJudgment as RepeatJudgment
from projects.quality.monitors.models import Monitor as Monitor
from projects.quality.monitors.models import Score as Score
from projects.quality.own.models import OwnFigures as OwnFigures
from projects.quality.pay.models import MeasuredPay as MeasuredPay
from projects.quality.pay.models import Raise as Raise
from projects.quality.trust import Measured
from projects.stats.position import Position, position_effect
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

# Why a tally's links without a TenantKey cannot point into another workspace.
_ITEM = "the item is keyed, and the row is written from the item's"


class Tally(TenantRow):
    """An item's judgments on one question. Every recount is made from the annotations, never by increments.

    `first` and `counted` are tables of facets x categories, in the order of `facets` and of the question's scale.
    `first` counts the judgments of first submissions, `counted` those that take part in results; `answers` and
    `counted_answers` are the numbers of annotations behind them.

    `lead` is the value of most counted judgments; null if two values have the most, or if the question has several
    facets. `votes` is the number of counted judgments and `margin` the leading category's distance to the next; of
    several facets, each is the smallest.

    Of the first judgments on pairs, `decided` prefer one response, and `chose_first` of those prefer the response
    that was shown first.
    """

    project = tenant_fk("projects_plan.Project", held_by=_ITEM)
    batch = tenant_fk("projects_items.Batch", held_by=_ITEM)
    item = tenant_fk("projects_items.Item")
    question = models.CharField(max_length=40)
    facets = ArrayField(models.TextField())
    first = ArrayField(ArrayField(models.SmallIntegerField()))
    counted = ArrayField(ArrayField(models.SmallIntegerField()))
    answers = models.PositiveSmallIntegerField()
    counted_answers = models.PositiveSmallIntegerField()
    lead = models.SmallIntegerField(null=True)
    votes = models.PositiveSmallIntegerField()
    margin = models.PositiveSmallIntegerField()
    decided = models.PositiveSmallIntegerField()
    chose_first = models.PositiveSmallIntegerField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["batch", "question", "first"],
                include=["decided", "chose_first"],
                name="tally_patterns",
            ),
            # For the filters of the list of items: contested items, and items on which the scale's tie leads.
            models.Index(
                fields=["project", "question", "item"],
                condition=Q(votes__gte=1, margin=0),
                name="tally_contested",
            ),
            models.Index(
                fields=["project", "question", "item"], condition=Q(lead=0), name="tally_tied"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["item", "question"], name="tally_once"),
            TenantKey(name="tally_item", to="projects_items_item", column="item_id"),
        ]


class AgreementFigures(TenantRow):
    """Agreement on one question among some answers.

    `items` have two or more of these answers; α, percent, Gwet's and Fleiss' coefficients are computed from them.
    `gwet` is AC1 on a nominal scale and AC2 on any other. `fleiss` is null on a scale whose categories have an order,
    unless there are only two. A figure is null where the answers do not define it.
    """

    project = tenant_fk("projects_plan.Project")
    question = models.CharField(max_length=40)
    level = models.CharField(max_length=8)
    alpha = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    percent = models.FloatField(null=True)
    percent_without_ties = models.FloatField(null=True)
    gwet = models.FloatField(null=True)
    gwet_error = models.FloatField(null=True)
    gwet_low = models.FloatField(null=True)
    gwet_high = models.FloatField(null=True)
    fleiss = models.FloatField(null=True)
    fleiss_low = models.FloatField(null=True)
    fleiss_high = models.FloatField(null=True)
    items = models.PositiveBigIntegerField()
    pairs = models.PositiveBigIntegerField()
    annotations = models.PositiveBigIntegerField()
    counts = ArrayField(models.PositiveBigIntegerField())
    at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def measured(self) -> Measured:
        """What a verdict on the answers rests on."""
        return Measured(self.items, self.alpha, self.low, self.high)


class AgreementSnapshot(AgreementFigures):
    """Agreement of the first answers to a question at one moment, in a batch or, if `batch` is null, the project.

    `answered` items have an answer. `decided` judgments on pairs prefer one response, and `chose_first` of those the
    response shown first. `accuracy` is the share of right answers, 0 to 1, that this agreement suggests; consensus
    uses it.
    """

    batch = tenant_fk("projects_items.Batch", null=True)
    answered = models.PositiveBigIntegerField()
    decided = models.PositiveBigIntegerField()
    chose_first = models.PositiveBigIntegerField()
    accuracy = models.FloatField()

    @property
    def position(self) -> Position | None:
        """How often the response shown first was chosen; None if no judgment prefers a response."""
        return position_effect(self.chose_first, self.decided)

    class Meta:
        indexes = [
            models.Index(fields=["project", "question", "batch", "-at"], name="agreement_latest")
        ]
        constraints = [
            TenantKey(name="agreement_project", to="projects_plan_project", column="project_id"),
            TenantKey(name="agreement_batch", to="projects_items_batch", column="batch_id"),
        ]


class PartAgreement(AgreementFigures):
    """The newest agreement on a question among a part of the project's answers.

    The parts are the accepted answers as they are delivered, the first answers given under a guideline version, and
    the first answers to the items with a tag: a value of a metadata key that the project declared.
    """

    class Part(models.TextChoices):
        ACCEPTED = "accepted"
        VERSION = "version"
        TAG = "tag"

    part = models.TextField(choices=Part.choices)
    guideline_version = tenant_fk("projects_plan.GuidelineVersion", null=True)
    tag_key = models.TextField(blank=True, db_default="")
    tag_value = models.TextField(blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "question", "guideline_version", "tag_key", "tag_value"],
                name="part_agreement_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(part="accepted", guideline_version=None, tag_key="", tag_value="")
                | Q(part="version", guideline_version__isnull=False, tag_key="", tag_value="")
                | (Q(part="tag", guideline_version=None) & ~Q(tag_key="")),
                name="part_agreement_part",
            ),
            TenantKey(
                name="part_agreement_project", to="projects_plan_project", column="project_id"
            ),
            TenantKey(
                name="part_agreement_guideline",
                to="projects_plan_guidelineversion",
                column="guideline_version_id",
            ),
        ]


class AnnotatorFigures(TenantRow):
    """What an annotator's answers to a question look like beside those of the others, as of `at`.

    They are computed from the project's `newest` answers, or from all of them if that is null.

    Of `answers`, `accepted` are accepted. Of the first judgments, `compared` are on units that somebody else judged
    too, and `agreed` of those are what most of the others say (a k-fold tie counts 1/k): `agreement` with its Wilson
    interval. `decided` prefer a response, `chose_first` of those the one shown first: `first_share`. `ties` of the
    `judgments` are ties (null if the scale has none): `tie_share`. `run` is the longest run of equal answers, as
    they were on the screen. A share is null where it is 0 of 0.

    `agreement_direction` and `first_direction` are 1 or -1 if the annotator stands out above or below, by a test at a
    false discovery rate of 5 % across annotators, and 0 otherwise or if there are too few data.

    `span_ends` divides the compared judgments evenly in time, with `span_compared` and `span_agreed` in each.
    `differences` are the newest judgments that differ from what most of the others say, each {"item", "unit", "said",
    "others"}, with values of the scale. `beside` are the annotators with whom most units are shared, each
    {"enrollment", "shared", "agreement", "kappa"}: Cohen's kappa, weighted (quadratic) if the scale has an order.
    """

    project = tenant_fk("projects_plan.Project")
    enrollment = tenant_fk("projects_enrollment.Enrollment")
    question = models.CharField(max_length=40)
    answers = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    judgments = models.PositiveIntegerField()
    compared = models.PositiveIntegerField()
    agreed = models.FloatField()
    agreement = models.FloatField(null=True)
    agreement_low = models.FloatField(null=True)
    agreement_high = models.FloatField(null=True)
    agreement_direction = models.SmallIntegerField()
    median_seconds = models.FloatField()
    decided = models.PositiveIntegerField()
    chose_first = models.PositiveIntegerField()
    first_share = models.FloatField(null=True)
    first_low = models.FloatField(null=True)
    first_high = models.FloatField(null=True)
    first_direction = models.SmallIntegerField()
    ties = models.PositiveIntegerField(null=True)
    tie_share = models.FloatField(null=True)
    run = models.PositiveIntegerField()
    span_ends = ArrayField(models.DateTimeField())
    span_compared = ArrayField(models.PositiveIntegerField())
    span_agreed = ArrayField(models.FloatField())
    differences = models.JSONField()
    beside = models.JSONField()
    newest = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["project", "question", "-answers"], name="annotator_figures_of")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "question"], name="annotator_figures_once"
            ),
            TenantKey(
                name="annotator_figures_project", to="projects_plan_project", column="project_id"
            ),
            TenantKey(
                name="annotator_figures_enrollment",
                to="projects_enrollment_enrollment",
                column="enrollment_id",
            ),
        ]


class Stale(TenantRow):
    """A mark that a project's figures must be recomputed, because answers came in or were decided.

    `figures` says which: agreement, those that need who gave which answer, or the health of keyed items. Each change
    inserts a mark of its own, so that no transaction waits for another one's. A run deletes the marks that it found
    when it began.
    """

    class Figures(models.TextChoices):
        AGREEMENT = "agreement"
        ANNOTATORS = "annotators"
        KEYS = "keys"

    project = tenant_fk("projects_plan.Project")
    figures = models.TextField(choices=Figures.choices)
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project", "figures"], name="stale_of_project")]
        constraints = [
            models.CheckConstraint(
                condition=Q(figures__in=["agreement", "annotators", "keys"]), name="stale_figures"
            ),
            TenantKey(name="stale_project", to="projects_plan_project", column="project_id"),
        ]
