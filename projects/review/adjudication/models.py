"""Adjudication: an item's final answer by a reviewer, append-only."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

_TRIGGER = "the trigger `of_item` compares it with its item, which is keyed"


class Adjudication(TenantRow):
    """The final answer to an item, given by a member who did not answer it and never will, or the withdrawal of one.

    The one with the highest `number` stands; earlier ones are its history. A withdrawal has no answer: then the item
    has no final answer, and its annotators' consensus counts again. `answer`, `units` and `judged` are as an
    annotation's. `form` is that of the item's batch, and `guideline_version` was in force at `decided_at`.
    """

    project = tenant_fk("projects_plan.Project", held_by=_TRIGGER)
    item = tenant_fk("projects_items.Item")
    form = tenant_fk("projects_plan.Form", held_by=_TRIGGER)
    guideline_version = tenant_fk("projects_plan.GuidelineVersion", held_by=_TRIGGER)
    number = models.PositiveSmallIntegerField()
    withdrawn = models.BooleanField(default=False)
    answer = models.JSONField()
    units = ArrayField(models.TextField())
    judged = ArrayField(models.SmallIntegerField())
    reviewer_id = models.UUIDField()
    note = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["project", "id"], name="adjudication_by_project"),
            models.Index(fields=["project", "decided_at"], name="adjudication_by_time"),
            models.Index(fields=["project", "item"], name="adjudication_of_items"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="adjudication_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="adjudication_number"),
            models.CheckConstraint(condition=Q(note__regex=r".{10}"), name="adjudication_note"),
            models.CheckConstraint(
                condition=Q(withdrawn=True, answer={}, units=[], judged=[])
                | (Q(withdrawn=False) & ~Q(answer={})),
                name="adjudication_answer",
            ),
            TenantKey(name="adjudication_item", to="projects_items_item", column="item_id"),
        ]
