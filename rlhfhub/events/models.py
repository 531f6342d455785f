"""Event: a fact, written in the transaction that makes it true. Delivery: a handler's failed attempt at it.

The table of events is partitioned by day (see the migration), so that a month's events are dropped and not
deleted. Events are not tenant-readable; the system plane delivers them.
"""

import uuid

from django.db import models
from django.db.models.functions import Now

from rlhfhub.tenancy.base import Row


class Event(Row):
    """One fact: `kind` names it, `data` holds ids and counts, never text of the tenant."""

    workspace_id = models.UUIDField()
    kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    dispatched_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "rlhfhub_events_event"


class Delivery(Row):
    """A handler that failed on an event: tried again with growing pauses, dead after `MAX_ATTEMPTS`.

    `done_at` is set when it succeeded, or when staff gave it up; then the error remains. Until then its event is kept.
    """

    workspace_id = models.UUIDField()
    event_id = models.UUIDField()
    event_created_at = models.DateTimeField()
    handler = models.CharField(max_length=120)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "handler"], name="delivery_once")
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(done_at=None), name="delivery_due"),
            models.Index(fields=["event_created_at"], name="delivery_by_event_age"),
        ]


class SweepMark(models.Model):
    """How far the nightly sweep of a debt has come: rows of its table up to this id have been checked."""

    debt = models.CharField(primary_key=True, max_length=60)
    checked = models.UUIDField(default=uuid.UUID(int=0))

    def __str__(self) -> str:
        return self.debt
