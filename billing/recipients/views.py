"""The pages on which a person says how they are paid, and on which they wait for an address at Stripe."""

import uuid

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from billing.recipients import selectors, services
from billing.recipients.forms import DetailsForm
from billing.recipients.models import Link
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.web.pages import (
    Page,
    form_page,
    go,
    page_or_partial,
    refusals_as_messages,
    refusals_on,
    wants_part,
)


@require_GET
@signed_in
def how_paid(request: PersonRequest) -> HttpResponse:
    """Show how the person is paid, what is missing, and what to do."""
    with planes.at_desk(request.user.pk):
        found = selectors.how_paid(request.user.pk)
    return Page(request, "billing/recipients/how_paid.html", {"paid": found, "nav": "earnings"})


@require_GET
@signed_in
def bank_details(request: PersonRequest) -> HttpResponse:
    """Show the form of the person's bank details. It asks for the password before."""
    if _must_confirm(request):
        return _confirm(reverse("bank_details"))
    with planes.at_desk(request.user.pk):
        details = selectors.how_paid(request.user.pk).details
    form = DetailsForm(initial={"words": details.words if details else ""})
    context = {"form": form, "nav": "earnings"}
    return form_page(request, "billing/recipients/bank_details.html", form, context)


@require_POST
@signed_in
def bank_details_save(request: PersonRequest) -> HttpResponse:
    """Save the person's bank details."""
    if _must_confirm(request):
        return _confirm(reverse("bank_details"))
    user, form = request.user, DetailsForm(request.POST)
    with planes.at_desk(user.pk):
        if form.is_valid():
            with refusals_on(form):
                services.save_details(
                    person_id=user.pk, name=user.name, email=user.email, **form.cleaned_data
                )
    if form.is_valid():
        messages.success(request, "Your bank details are saved.")
        return go(request, reverse("how_paid"))
    context = {"form": form, "nav": "earnings"}
    return form_page(request, "billing/recipients/bank_details.html", form, context)


@require_POST
@signed_in
def paid_go(request: PersonRequest) -> HttpResponse:
    """Ask for an address at Stripe (the field `kind` says which), and go to the page that waits for it."""
    if _must_confirm(request):
        return _confirm(reverse("how_paid"))
    return _wish(request, request.POST.get("kind", ""))


@require_GET
@signed_in
def paid_again(request: PersonRequest) -> HttpResponse:
    """Ask for another address: Stripe sends people here whose address was used or has expired."""
    if _must_confirm(request):
        return _confirm(reverse("paid_again"))
    return _wish(request, Link.Kind.ONBOARDING)


@require_GET
@signed_in
def paid_returned(request: PersonRequest) -> HttpResponse:
    """Have Stripe asked about the account: people come here from Stripe. That they come proves nothing."""
    with planes.at_desk(request.user.pk):
        services.wish_look(person_id=request.user.pk)
    return HttpResponseRedirect(reverse("how_paid"))


@require_GET
@signed_in
def paid_link(request: PersonRequest, link_id: uuid.UUID) -> HttpResponse:
    """Wait for an address at Stripe. The page asks every second, and goes on when it is there."""
    with planes.at_desk(request.user.pk):
        link = _own(request, link_id)
    if link.state == Link.State.READY and wants_part(request):
        return go(request, reverse("paid_link_open", args=[link.pk]))
    context = {"link": link, "nav": "earnings"}
    page, partial = "billing/recipients/link.html", "billing/recipients/_link.html"
    return page_or_partial(request, page, partial, context)


@require_GET
@signed_in
def paid_link_open(request: PersonRequest, link_id: uuid.UUID) -> HttpResponse:
    """Go to Stripe. The address works once, and is forgotten here as well.

    A GET, because browsers let no form lead to another site. Nothing is lost: another address is a button away.
    """
    with planes.at_desk(request.user.pk):
        link = _own(request, link_id)
        address = services.take_link(link=link)
    return HttpResponseRedirect(address or reverse("paid_link", args=[link.pk]))


def _own(request: PersonRequest, link_id: uuid.UUID) -> Link:
    link = selectors.own_link(request.user.pk, link_id)
    if link is None:
        raise Http404
    return link


def _wish(request: PersonRequest, kind: str) -> HttpResponse:
    user, to = request.user, reverse("how_paid")
    with planes.at_desk(user.pk), refusals_as_messages(request):
        link = services.wish_link(person_id=user.pk, kind=kind, name=user.name, email=user.email)
        to = reverse("paid_link", args=[link.pk])
    return go(request, to)


@reauthentication_required
def _confirmed(request: HttpRequest) -> None:
    """Raise ReauthenticationRequired unless the password was asked for lately."""


def _must_confirm(request: HttpRequest) -> bool:
    try:
        _confirmed(request)
    except ReauthenticationRequired:
        return True
    return False


def _confirm(back_to: str) -> HttpResponse:
    """Ask for the password. Whoever has found an open browser does not change where the money goes."""
    to = reverse("account_reauthenticate", query={"next": back_to})
    return HttpResponseRedirect(to, status=303)
