"""The annotator's home: their projects, those they can join, those that are over, and what they did today."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from annotators.profiles import rails
from annotators.profiles import selectors as profiles
from annotators.profiles.readiness import Unmet, unmet_for_pay
from projects.enrollment import selectors as enrollments
from projects.enrollment.asked import unmet_here
from projects.enrollment.selectors import EnrollmentTotals, ListedProject, OwnEnrollment
from projects.work import selectors
from projects.work.boards import HOME, ShownEnrollments
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.web.listing import Listing, cursor_of, cut
from rlhfhub.web.pages import Page
from rlhfhub.web.queries import takes

SIZE = 24
_NEXT = {
    "active": "work",
    "applied": "wait",
    "calibrating": "calibrate",
    "paused": "paused",
    "ended": "ended",
}
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class OwnProject:
    """A project that the person is enrolled in, and what they did in it."""

    enrollment: OwnEnrollment
    done: EnrollmentTotals

    @property
    def next(self) -> str:
        """What they can do: `read` the guidelines, `work`, `calibrate` or `wait`; nothing when `paused` or `ended`."""
        enrollment = self.enrollment
        return "ended" if enrollment.is_archived else _NEXT.get(enrollment.state, "read")

    @property
    def pay_minor(self) -> int:
        """What all their answers pay, accepted or not yet decided."""
        return self.done.pending_minor + self.done.accepted_minor


@dataclass(frozen=True, slots=True)
class OpenProject:
    """A project that the person can join, and what they lack for it beside what all paid work asks for."""

    listed: ListedProject
    unmet: list[Unmet]


@takes("mine", "market", "over")
@require_GET
@signed_in
def work_home(request: PersonRequest) -> HttpResponse:
    """Show the projects in which a person works, can join, or has finished. Reads through door functions only."""
    person = request.user.pk
    own = partial(enrollments.own_enrollments, person)
    mine = _page(request, "mine", partial(own, over=False), lambda row: row.id)
    over = _page(request, "over", partial(own, over=True), lambda row: row.id)
    market = _page(
        request, "market", partial(enrollments.listing_for, person), lambda row: row.project_id
    )
    with planes.at_desk(person):
        told = profiles.person(person)
    done = enrollments.totals_of(person, [*mine.rows, *over.rows])
    shown = ShownEnrollments(
        person,
        [row.id for row in mine.rows if row.state == "calibrating"],
        [row.workspace_id for row in market.rows],
    )
    context = {
        "mine": [OwnProject(row, done.get(row.id, EnrollmentTotals())) for row in mine.rows],
        "mine_listing": mine,
        "over": [OwnProject(row, done.get(row.id, EnrollmentTotals())) for row in over.rows],
        "over_listing": over,
        "market": [OpenProject(row, unmet_here(row.asked, told)) for row in market.rows],
        "person": told,
        "unmet": unmet_for_pay(told),
        "as_of": rails.AS_OF,
        "market_listing": market,
        "panels": HOME.panels(shown),
        "today": selectors.today_everywhere(person),
        "nav": "work",
    }
    return Page(request, "projects/enrollment/work_home.html", context)


def _page(
    request: PersonRequest,
    name: str,
    ask: Callable[..., Sequence[_Row]],
    key: Callable[[_Row], uuid.UUID],
) -> Listing[_Row]:
    found = ask(before=cursor_of(request, name), most=SIZE + 1)
    return cut(found, request, key=key, size=SIZE, name=name)
