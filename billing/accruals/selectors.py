"""What a person earned: booked, waiting, by project and by day.

Own money is read in no workspace; own answers at the desk of each workspace, one after the other.
"""

import uuid
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from billing.ledger.models import Account
from projects.enrollment.models import Enrollment
from projects.enrollment.selectors import Place
from projects.work.models import Annotation
from rlhfhub.tenancy import planes

LINES = 10
DAYS = 14


def payable(person_id: uuid.UUID) -> dict[str, int]:
    """Booked and owed, by currency. At the person's desk in no workspace."""
    rows = Account.objects.filter(kind=Account.Kind.ANNOTATOR_PAYABLE, person_id=person_id)
    return {
        currency: int(n)
        for currency, n in rows.values_list("currency").annotate(n=Sum("balance_minor")).order_by()
    }


def by_project(person_id: uuid.UUID, places: list[Place]) -> list[dict[str, Any]]:
    """Each project with its newest answers. From the door."""
    rows = []
    for workspace_id in dict.fromkeys(place.workspace_id for place in places):
        here = [place for place in places if place.workspace_id == workspace_id]
        with planes.at_desk(person_id, workspace_id):
            pseudonyms = dict(
                Enrollment.objects.filter(pk__in=[p.id for p in here]).values_list(
                    "pk", "pseudonym"
                )
            )
            rows += [_project(place, pseudonyms.get(place.id, "")) for place in here]
    return [row for row in rows if row["answers"]]


def _project(place: Place, pseudonym: str) -> dict[str, Any]:
    mine = Annotation.objects.filter(enrollment_id=place.id)
    now = timezone.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    waiting, accepted = Q(state=Annotation.State.SUBMITTED), Q(state=Annotation.State.ACCEPTED)
    sums = mine.aggregate(
        answers=Count("id"),
        pending=Sum("price_minor", filter=waiting),
        payable=Sum("price_minor", filter=accepted),
        today=Sum("price_minor", filter=Q(submitted_at__gte=midnight)),
        week=Sum("price_minor", filter=Q(submitted_at__gte=now - timedelta(days=7))),
    )
    return {
        "name": place.project,
        "workspace_name": place.workspace,
        "pseudonym": pseudonym,
        "currency": place.currency,
        "answers": sums["answers"],
        "pending_minor": int(sums["pending"] or 0),
        "payable_minor": int(sums["payable"] or 0),
        "today_minor": int(sums["today"] or 0),
        "week_minor": int(sums["week"] or 0),
        "days": _days(mine, midnight),
        "lines": list(mine.order_by("-submitted_at").values(*_LINE)[:LINES]),
        "more_url": None,
    }


_LINE = ("submitted_at", "price_minor", "currency", "state", "decide_by")


def _days(mine: QuerySet[Annotation], midnight: datetime) -> dict[date, int]:
    recent = mine.filter(submitted_at__gte=midnight - timedelta(days=DAYS - 1))
    rows = (
        recent.annotate(day=TruncDate("submitted_at"))
        .values_list("day")
        .annotate(n=Sum("price_minor"))
        .order_by()
    )
    return {day: int(n) for day, n in rows}


def totals(projects: list[dict[str, Any]], booked: dict[str, int]) -> list[dict[str, Any]]:
    """By currency, the greatest first. A project that pays nothing is no reason for a line."""
    paid = [row for row in projects if row["pending_minor"] or row["payable_minor"]]
    currencies = sorted({row["currency"] for row in paid} | {c for c, n in booked.items() if n})
    return [
        {
            "currency": currency,
            "payable_minor": booked.get(currency, 0),
            **{
                name: sum(row[name] for row in paid if row["currency"] == currency)
                for name in ("pending_minor", "today_minor", "week_minor")
            },
        }
        for currency in currencies
    ]


def per_day(projects: list[dict[str, Any]], currency: str) -> list[tuple[date, int]]:
    """The last two weeks' pay in one currency."""
    sums: Counter[date] = Counter()
    for row in projects:
        if row["currency"] == currency:
            sums.update(row["days"])
    today = timezone.now().date()
    days = [today - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    return [(day, sums[day]) for day in days]
