"""Idempotency keys: the response is stored in the same transaction as its effect."""

from django.db import models
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow


class IdempotencyKey(TenantRow):
    """The first response to (actor, route, key). The same key with another body is refused."""

    actor_id = models.UUIDField()
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "actor_id", "route", "key"], name="idempotency_once"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]
