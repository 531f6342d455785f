"""WorkspaceRecord: how a workspace decided on the answers of the last 90 days, as counted at a moment."""

from django.db import models
from django.db.models import F, Q

from rlhfhub.tenancy.base import TenantRow
from rlhfhub.tenancy.keys import TenantKey


class WorkspaceRecord(TenantRow):
    """What became of the answers for data that were submitted in the 90 days before `at`, of those decided on.

    `by_clock` of the `decided` ones were accepted because nobody decided in time. `median_seconds` is the median time
    from submission to the decision. Of the `rejected` ones, `appeals` had an appeal that was decided, and `overturned`
    were paid after all.
    """

    decided = models.PositiveIntegerField()
    by_clock = models.PositiveIntegerField()
    median_seconds = models.FloatField(null=True)
    rejected = models.PositiveIntegerField()
    appeals = models.PositiveIntegerField()
    overturned = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="workspace_record_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="workspace_record_once"),
            models.CheckConstraint(
                condition=Q(
                    by_clock__lte=F("decided"),
                    rejected__lte=F("decided"),
                    appeals__lte=F("rejected"),
                    overturned__lte=F("appeals"),
                ),
                name="workspace_record_counts",
            ),
            TenantKey(
                name="workspace_record_workspace",
                to="rlhfhub_tenancy_workspace",
                columns=("workspace_id",),
                to_columns=("id",),
            ),
        ]
