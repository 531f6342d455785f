"""The annotator's earnings."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing import money
from billing.accruals import selectors
from projects.enrollment.selectors import places_of
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.web.charts import Bar, Chart, bar_chart


@require_GET
@signed_in
def earnings(request: PersonRequest) -> HttpResponse:
    """What is owed, what waits, and what became of the newest answers of each project."""
    person = request.user.pk
    projects = selectors.by_project(person, places_of(person))
    with planes.at_desk(person):
        booked = selectors.payable(person)
    totals = selectors.totals(projects, booked)
    context = {
        "totals": totals,
        "chart": _chart(projects, totals[0]["currency"]) if totals else None,
        "projects": projects,
        "nav": "earnings",
    }
    return render(request, "billing/earnings.html", context)


def _chart(projects: list[dict[str, object]], currency: str) -> Chart:
    days = selectors.per_day(projects, currency)
    return bar_chart(
        [Bar(day.strftime("%b %d"), amount) for day, amount in days],
        name="pay",
        title=f"Pay a day ({currency})",
        form=lambda value: money.amount(round(value), currency),
    )
