"""OwnFigures: what an annotator is shown of how their answers agree with those of others."""

from django.db import models

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class OwnFigures(TenantRow):
    """An annotator's agreement with the others in a project, as it was at the beginning of `shown_on` (UTC).

    It moves at most once a day, and only after ten more answers could be compared, so that no single answer shows in
    it: else an annotator could learn which items are keyed, or what others answered.
    """

    project = tenant_fk("projects_plan.Project", held_by="the enrollment is keyed")
    enrollment = tenant_fk("projects_enrollment.Enrollment")
    annotator_id = models.UUIDField()
    agreement = models.FloatField()
    agreement_low = models.FloatField()
    agreement_high = models.FloatField()
    compared = models.PositiveIntegerField()
    shown_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment"], name="own_figures_once"),
            TenantKey(
                name="own_figures_enrollment",
                to="projects_enrollment_enrollment",
                columns=("workspace_id", "enrollment_id", "annotator_id"),
                to_columns=("workspace_id", "id", "annotator_id"),
            ),
        ]
