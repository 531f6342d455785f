"""The annotator's earnings."""

import uuid

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from billing.accruals import selectors
from billing.bonuses.selectors import own_bonuses
from projects.enrollment.selectors import (
    EnrollmentTotals,
    own_enrollment,
    own_enrollments,
    totals_of,
)
from projects.review.own.needs import held_of
from rlhfhub.ground import money
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.web.charts import Bar, BarChart, bar_chart
from rlhfhub.web.listing import cursor_of, cut, listed
from rlhfhub.web.pages import Page
from rlhfhub.web.queries import takes

PROJECTS = 10


@takes("cursor")
@require_GET
@signed_in
def earnings_by_project(request: PersonRequest) -> HttpResponse:
    """Show what each project pays and its newest answers, of archived ones too, and the pay of the last days."""
    person = request.user.pk
    found = own_enrollments(person, over=None, before=cursor_of(request), most=PROJECTS + 1)
    listing = cut(found, request, key=lambda row: row.id, size=PROJECTS)
    held = held_of(person)
    projects = selectors.by_project(person, listing.rows, held)
    paid = [row.currency for row in projects if row.payable_minor or row.pending_minor]
    context = {
        "chart": _chart(person, paid[0]) if paid else None,
        "projects": projects,
        "listing": listing,
        "nav": "earnings",
    }
    return Page(request, "billing/earnings_by_project.html", context)


@takes("cursor")
@require_GET
@signed_in
def earnings_in(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Show every answer in one of this person's enrollments, newest first; another person's enrollment gives 404."""
    person = request.user.pk
    enrollment = own_enrollment(person, enrollment_id)
    if enrollment is None:
        raise Http404
    done = totals_of(person, [enrollment]).get(enrollment.id, EnrollmentTotals())
    with planes.at_desk(person, enrollment.workspace_id):
        listing = listed(selectors.answers_in(enrollment.id), request, "-submitted_at", "-id")
    lines = selectors.with_outcomes(person, selectors.pay_of(listing.rows))
    held = sum(one.amount_minor for one in held_of(person) if one.enrollment_id == enrollment.id)
    bonuses = own_bonuses(person, [enrollment.id])[enrollment.id]
    row = selectors.in_project(
        enrollment, done, lines, held_minor=held, has_more=False, bonuses=bonuses
    )
    context = {"row": row, "listing": listing, "nav": "earnings"}
    return Page(request, "billing/earnings_in.html", context)


def _chart(person: uuid.UUID, currency: str) -> BarChart:
    return bar_chart(
        [Bar(day.strftime("%-d %b"), pay) for day, pay in selectors.per_day(person, currency)],
        name="pay",
        title=f"Pay a day ({currency})",
        form=lambda value: money.amount(round(value), currency),
    )
