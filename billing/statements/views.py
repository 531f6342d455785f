"""A person's statement: the way of their money, each line by day, one answer, and calendar years."""

import uuid

from django.http import FileResponse, Http404, HttpResponse
from django.views.decorators.http import require_GET

from billing.accruals import selectors as accruals
from billing.payouts import selectors as payouts
from billing.statements import lines, stages
from billing.statements.answers import answer_of
from billing.statements.carriers import carriers_of
from billing.statements.files import csv_file
from billing.statements.line_files import LINES_HEADER, YEAR_HEADER, line_rows, year_rows
from billing.statements.years import Year, year_of, years_of
from projects.review.own.needs import held_of
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.web.listing import cut, moment_cursor, moment_cursor_of
from rlhfhub.web.pages import Page
from rlhfhub.web.queries import takes


@takes("cursor")
@require_GET
@signed_in
def earnings(request: PersonRequest) -> HttpResponse:
    """Show how far the person's money has come, when the next payout goes, and a page of lines by day."""
    person = request.user.pk
    carriers = carriers_of(person)
    found = lines.lines(person, carriers, moment_cursor_of(request))
    listing = cut(found, request, key=lambda row: moment_cursor(row.at, row.id), size=lines.PAGE)
    held = held_of(person)
    with planes.at_desk(person):
        owed, upcoming = payouts.owed(person), payouts.upcoming(person)
    booked = {one.currency: one.payable_minor for one in owed}
    not_clear = {one.currency: one.unclear_minor for one in owed}
    totals = accruals.totals(person, booked, not_clear, held)
    context = {
        "totals": totals,
        "stages": stages.stages(totals, owed, stages.sent(carriers)),
        "next": upcoming,
        "days": lines.by_day(person, listing.rows, carriers),
        "listing": listing,
        "nav": "earnings",
    }
    return Page(request, "billing/statements/earnings.html", context)


@takes()
@require_GET
@signed_in
def earnings_csv(request: PersonRequest) -> FileResponse:
    """Send all lines as a CSV file."""
    return csv_file("earnings.csv", LINES_HEADER, line_rows(request.user.pk))


@takes()
@require_GET
@signed_in
def earnings_answer(request: PersonRequest, annotation_id: uuid.UUID) -> HttpResponse:
    """Show one own answer and each step of its money; another person's answer gives 404."""
    one = lines.line(request.user.pk, annotation_id)
    if one is None:
        raise Http404
    with planes.at_desk(request.user.pk, one.workspace_id):
        answer = answer_of(one.id)
    context = {"line": one, "answer": answer, "nav": "earnings"}
    return Page(request, "billing/statements/answer.html", context)


@takes("year")
@require_GET
@signed_in
def earnings_years(request: PersonRequest) -> HttpResponse:
    """Show the totals of a calendar year (UTC): the present one, or the one that is asked for."""
    year, known = _year(request)
    context = {"year": year, "years": known, "nav": "earnings"}
    return Page(request, "billing/statements/years.html", context)


@takes("year")
@require_GET
@signed_in
def earnings_year_csv(request: PersonRequest) -> FileResponse:
    """Send the totals of a calendar year as a CSV file."""
    year, _ = _year(request)
    return csv_file(f"earnings-{year.year}.csv", YEAR_HEADER, year_rows(year))


def _year(request: PersonRequest) -> tuple[Year, list[int]]:
    """Return the year that is asked for, else the present one, and all years. Another year gives 404."""
    known = years_of(request.user.pk)
    text = request.GET.get("year", str(known[0]))
    if text not in map(str, known):
        raise Http404
    return year_of(request.user.pk, int(text)), known
