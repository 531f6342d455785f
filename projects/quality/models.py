"""Models of the quality room: the tallies of items, and agreement over time."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from projects.stats.agreement import Verdict, verdict
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


class AgreementSnapshot(TenantRow):
    """Agreement of the first answers to a question at one moment, in a batch or, if `batch` is null, the project.

    `answered` items have an answer. `items` of them have two or more first answers; α and percent are computed from
    these. `decided` judgments on pairs prefer one response, and `chose_first` of those the response shown first.
    `accuracy` is the share of right answers, 0 to 1, that this agreement suggests; consensus uses it.
    """

    project = tenant_fk("projects_plan.Project")
    batch = tenant_fk("projects_items.Batch", null=True)
    question = models.CharField(max_length=40)
    level = models.CharField(max_length=8)
    alpha = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    percent = models.FloatField(null=True)
    percent_without_ties = models.FloatField(null=True)
    answered = models.PositiveBigIntegerField()
    items = models.PositiveBigIntegerField()
    pairs = models.PositiveBigIntegerField()
    annotations = models.PositiveBigIntegerField()
    decided = models.PositiveBigIntegerField()
    chose_first = models.PositiveBigIntegerField()
    accuracy = models.FloatField()
    counts = ArrayField(models.PositiveBigIntegerField())
    at = models.DateTimeField()

    @property
    def position(self) -> Position | None:
        """How often the response shown first was chosen; None if no judgment prefers a response."""
        return position_effect(self.chose_first, self.decided)

    @property
    def verdict(self) -> Verdict | None:
        """Which conclusions α supports: reliable, tentative or unreliable; None while α is undefined."""
        return verdict(self.alpha)

    class Meta:
        indexes = [
            models.Index(fields=["project", "question", "batch", "-at"], name="agreement_latest")
        ]
        constraints = [
            TenantKey(name="agreement_project", to="projects_plan_project", column="project_id"),
            TenantKey(name="agreement_batch", to="projects_items_batch", column="batch_id"),
        ]


class Stale(TenantRow):
    """A project whose agreement must be recomputed, because an answer came in at `since`."""

    project = tenant_fk("projects_plan.Project", unique=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            TenantKey(name="stale_project", to="projects_plan_project", column="project_id")
        ]
