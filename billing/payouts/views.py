"""The page of a person's payouts, and the button that asks for one now."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from billing.payouts import runs, selectors
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, go, refusals_as_messages
from rlhfhub.web.queries import takes


@takes("cursor")
@require_GET
@signed_in
def payouts(request: PersonRequest) -> HttpResponse:
    """Show what is owed, on its way and sent, when the next payout begins, and each payout."""
    person = request.user.pk
    with planes.at_desk(person):
        context = {
            "owed": selectors.owed(person),
            "next": selectors.upcoming(person),
            "listing": listed(selectors.own(person), request, "-id"),
            "to_bank": selectors.to_bank(person),
            "nav": "earnings",
        }
    return Page(request, "billing/payouts/payouts.html", context)


@require_POST
@signed_in
def pay_me(request: PersonRequest) -> HttpResponse:
    """Ask for a payout now."""
    with planes.at_desk(request.user.pk), refusals_as_messages(request):
        runs.ask(person_id=request.user.pk)
        messages.success(request, "Your payout is on its way. It takes a minute or two.")
    return go(request, reverse("payouts"))
