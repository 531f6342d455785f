"""The annotator's home: their projects, what is open to them, and what they did today."""

import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from projects.enrollment import selectors as enrollments
from projects.enrollment.selectors import Place
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import PersonRequest, signed_in

_NEXT = {
    "active": "work",
    "applied": "wait",
    "calibrating": "wait",
    "paused": "paused",
    "ended": "ended",
}


@dataclass(slots=True)
class Done:
    """Answers of one enrollment."""

    submitted: int = 0
    today: int = 0
    earned_minor: int = 0


@require_GET
@signed_in
def work_home(request: PersonRequest) -> HttpResponse:
    """Where this person works, and what they could join. At the door; own answers are counted at each desk."""
    places = enrollments.places_of(request.user.pk)
    done = _done(request.user.pk, places)
    mine = [_mine(place, done.get(place.id, Done())) for place in places]
    context = {
        "mine": mine,
        "market": [_listed(one) for one in enrollments.listing_for(request.user.pk)],
        "today": _today(mine),
        "nav": "work",
    }
    return render(request, "projects/enrollment/work_home.html", context)


def _done(person_id: uuid.UUID, places: list[Place]) -> dict[uuid.UUID, Done]:
    found: dict[uuid.UUID, Done] = {}
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    today = Q(submitted_at__gte=midnight)
    for workspace_id in {place.workspace_id for place in places}:
        ids = [place.id for place in places if place.workspace_id == workspace_id]
        with planes.at_desk(person_id, workspace_id):
            rows = (
                Annotation.objects.filter(enrollment_id__in=ids)
                .values_list("enrollment_id")
                .order_by()
            )
            sums = rows.annotate(
                all=Count("id"),
                today=Count("id", filter=today),
                earned=Sum("price_minor", filter=today),
            )
            found |= {pk: Done(every, now, int(earned or 0)) for pk, every, now, earned in sums}
    return found


def _mine(place: Place, done: Done) -> dict[str, Any]:
    return {
        "enrollment": {"id": place.id},
        "project": {
            "name": place.project,
            "price_minor": place.price_minor,
            "currency": place.currency,
        },
        "workspace_name": place.workspace,
        "next": _NEXT.get(place.state, "read"),
        "available": None,
        "submitted": done.submitted,
        "today": done.today,
        "earned_minor": done.earned_minor,
        "currency": place.currency,
    }


def _listed(one: enrollments.Listed) -> dict[str, Any]:
    return {
        "project": {"id": one.project_id, "name": one.project},
        "workspace_name": one.workspace,
        "price_minor": one.price_minor,
        "currency": one.currency,
        "seconds": one.estimated_seconds,
        "hourly_minor": one.hourly_minor or None,
    }


def _today(mine: list[dict[str, Any]]) -> dict[str, Any]:
    """Answers of all projects; of several currencies, the one most was earned in."""
    earned: Counter[str] = Counter()
    for row in mine:
        earned[row["currency"]] += row["earned_minor"]
    currency, amount = next(iter(earned.most_common(1)), ("", 0))
    return {
        "submitted": sum(row["today"] for row in mine),
        "earned_minor": amount,
        "currency": currency,
    }
