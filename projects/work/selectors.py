"""What the desk shows beside the lease itself."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum
from django.utils import timezone

from projects.enrollment.models import Enrollment
from projects.work.models import Annotation, Draft


@dataclass(frozen=True, slots=True)
class Today:
    """What an enrollment has done since midnight UTC."""

    submitted: int
    earned_minor: int
    currency: str


def place_of(enrollment_id: uuid.UUID) -> Enrollment:
    """The enrollment with its project and the guidelines in force. Annotator plane."""
    return Enrollment.objects.select_related("project__guideline_version").get(pk=enrollment_id)


def today_of(enrollment: Enrollment) -> Today:
    """Counted on the index (enrollment, submitted_at)."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    done = Annotation.objects.filter(enrollment=enrollment, submitted_at__gte=midnight)
    sums = done.aggregate(submitted=Count("id"), earned=Sum("price_minor"))
    return Today(sums["submitted"], sums["earned"] or 0, enrollment.project.currency)


def draft_saved_at(lease_id: uuid.UUID) -> datetime | None:
    """When the draft of a live lease was kept last."""
    return Draft.objects.filter(lease_id=lease_id).values_list("saved_at", flat=True).first()
