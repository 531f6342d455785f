"""What the desk shows beside the lease itself."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone

from projects.enrollment.models import Enrollment
from projects.work.models import Annotation, Draft, Lease
from projects.work.services import annotations


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


def questions_of(lease_id: uuid.UUID, enrollment_id: uuid.UUID) -> list[dict[str, Any]] | None:
    """The questions of a lease of this enrollment, live or not; None when there is no such lease."""
    form_id = (
        Lease.objects.filter(pk=lease_id, enrollment_id=enrollment_id)
        .values_list("form_id", flat=True)
        .first()
    )
    return annotations.form_questions(form_id) if form_id else None
