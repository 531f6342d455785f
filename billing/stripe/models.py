"""InboundEvent: an event that Stripe sent or that a sweep found. SweepCursor: how far a sweep has come."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.stripe.events import ENDPOINTS
from rlhfhub.tenancy.base import Row


class InboundEvent(Row):
    """An event of Stripe, once for each endpoint. It belongs to no workspace: its handlers find out whose it is.

    A worker that takes a waiting event moves `next_at` some minutes ahead and counts an attempt, so that another one
    takes it again if the first is killed. `ignored` ones are of types that no room handles.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        IGNORED = "ignored"
        DEAD = "dead"

    endpoint = models.CharField(max_length=10)
    event_id = models.CharField(max_length=130)
    type = models.CharField(max_length=120)
    account = models.CharField(max_length=255, blank=True)
    object_kind = models.CharField(max_length=255, blank=True)
    object_id = models.CharField(max_length=255, blank=True)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.TextField(choices=State.choices, db_default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    next_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True, db_default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "Stripe event"
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state="waiting"), name="inbound_event_due"
            ),
            models.Index(
                fields=["received_at"], condition=Q(state="dead"), name="inbound_event_dead"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="inbound_event_once"),
            models.CheckConstraint(
                condition=Q(endpoint__in=ENDPOINTS), name="inbound_event_endpoint"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None)
                | Q(state__in=["done", "ignored", "dead"], ended_at__isnull=False),
                name="inbound_event_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.object_id}"


class SweepCursor(models.Model):
    """How far the sweep of a source (API `v1` or `v2`) has come: what happened before `swept_to` is stored.

    A sweep reads the newest events first. If it ends before it has read all, `until` is where it goes on, and
    `target` is what `swept_to` becomes when it is done.
    """

    source = models.CharField(primary_key=True, max_length=2)
    swept_to = models.DateTimeField()
    target = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "sweep"
        constraints = [
            models.CheckConstraint(condition=Q(source__in=["v1", "v2"]), name="sweep_source"),
            models.CheckConstraint(
                condition=Q(target=None, until=None) | Q(target__isnull=False, until__isnull=False),
                name="sweep_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"sweep of {self.source}"
