"""Event: a fact, written in the transaction that makes it true. Delivery: an event on which a handler failed.

The table of events is partitioned by day (see the migration), so that old events are dropped by partition and not
deleted row by row. Workspaces cannot read events; the system plane delivers them.
"""

import uuid

from django.db import models
from django.db.models.functions import Now

from rlhfhub.tenancy.base import Row


class Event(Row):
    """One fact: `kind` names it, `data` holds ids and counts, never a workspace's text."""

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
    """An event on which a handler failed. It is retried after growing pauses, and dead after `MAX_ATTEMPTS`.

    `done_at` is set when a retry succeeds, or when staff give it up; in that case `error` stays set. The event is kept
    until then.
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
