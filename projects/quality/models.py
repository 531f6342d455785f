"""The tallies of items, and agreement over time."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from projects.stats.agreement import Verdict, verdict
from projects.stats.position import Position, position_effect
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

# What holds a tally's links that have no TenantKey.
_ITEM = "the item is keyed, and the row is written from the item's"


class Tally(TenantRow):
    """An item's judgments on one question, counted anew from the annotations.

    `first` and `counted` are tables of facets x categories (in the order of `facets` and of the kind's scale): what was
    said at first, and what takes part in results. `answers` and `counted_answers` are how many annotations were
    counted. `lead` is the value that most counted judgments give, null where none leads alone or the question has
    several facets; `votes` are the counted judgments and `margin` is by how many the lead leads, the least of the
    facets. Of the first judgments on pairs, `decided` took a side, and `chose_first` of these the response shown first.
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
            # For the list of items: where no answer leads alone, and where the scale's tie leads.
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
    """Agreement on a question at a moment, from first answers: of a batch, or (batch null) of the whole project.

    α and percent rest on `items` items with two first answers or more, of `answered` that have one. `decided` judgments
    on pairs took a side, `chose_first` of them that of the response shown first.
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
        """How often the response shown first was chosen; None where nothing is compared."""
        return position_effect(self.chose_first, self.decided)

    @property
    def verdict(self) -> Verdict | None:
        """What its alpha allows one to do with the data."""
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
    """A project whose agreement is to be computed anew, since then."""

    project = tenant_fk("projects_plan.Project", unique=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            TenantKey(name="stale_project", to="projects_plan_project", column="project_id")
        ]
