"""Decision: what became of a submitted annotation. Append-only, one effective one each."""

from django.db import models
from django.db.models import Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class Decision(TenantRow):
    """Accepted by a member, or by the clock when nobody looked in time."""

    class By(models.TextChoices):
        PERSON = "person"
        CLOCK = "clock"

    annotation = tenant_fk("projects_work.Annotation")
    verdict = models.CharField(max_length=10, default="accepted")
    by = models.CharField(max_length=6, choices=By.choices)
    reviewer_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotation"], name="decision_once"),
            models.CheckConstraint(condition=Q(verdict="accepted"), name="decision_verdict"),
            models.CheckConstraint(
                condition=Q(by="person", reviewer_id__isnull=False)
                | Q(by="clock", reviewer_id=None),
                name="decision_by",
            ),
            TenantKey(
                name="decision_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]
