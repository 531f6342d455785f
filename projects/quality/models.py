"""Consensus of an item, and agreement over time."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

# What holds a consensus's links that have no TenantKey.
_ITEM = "the item is keyed, and the row is written from the item's"


class Consensus(TenantRow):
    """Votes on an item in stored order: first better, tie, second better. `label` is null while contested."""

    project = tenant_fk("projects_plan.Project", held_by=_ITEM)
    batch = tenant_fk("projects_items.Batch", held_by=_ITEM)
    item = tenant_fk("projects_items.Item", unique=True)
    first = models.PositiveSmallIntegerField()
    tie = models.PositiveSmallIntegerField()
    second = models.PositiveSmallIntegerField()
    label = models.SmallIntegerField(null=True)
    probability = models.FloatField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["batch", "first", "tie", "second"], name="consensus_patterns")
        ]
        constraints = [TenantKey(name="consensus_item", to="projects_items_item", column="item_id")]


class AgreementSnapshot(TenantRow):
    """Agreement at a moment: of a batch, or (batch null) of the whole project."""

    project = tenant_fk("projects_plan.Project")
    batch = tenant_fk("projects_items.Batch", null=True)
    alpha = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    percent = models.FloatField(null=True)
    percent_without_ties = models.FloatField(null=True)
    items = models.PositiveBigIntegerField()
    pairs = models.PositiveBigIntegerField()
    accuracy = models.FloatField()
    annotations = models.PositiveBigIntegerField()
    votes = ArrayField(models.PositiveBigIntegerField(), size=3)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project", "batch", "-at"], name="agreement_latest")]
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
