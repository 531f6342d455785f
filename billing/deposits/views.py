"""The pages on which a member pays in: the form, and one page for each deposit, to which Stripe also leads back."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from billing.deposits import links, selectors, services
from billing.deposits.forms import PayInForm
from billing.deposits.models import Deposit
from projects.items.models import Batch
from rlhfhub.api import throttles
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import clock
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import (
    Page,
    go,
    named_id,
    page_or_partial,
    refusals_on,
    wants_part,
    workspace_context,
)
from rlhfhub.web.queries import takes
from rlhfhub.web.views import too_many_writes


@takes("amount", "batch")
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.MONEY)
def deposit_new(request: MemberRequest) -> HttpResponse:
    """Ask for a deposit. `amount` fills the form in, and `batch` is the one that needs the money."""
    member = request.member
    batch = _batch(request)
    initial = {
        "amount": request.GET.get("amount", "")[:24],
        "method": Deposit.Method.CARD,
        "billing_email": member.user.email,
    }
    form = PayInForm(request.POST or None, initial=initial, currency=member.workspace.currency)
    if request.method == "POST" and form.is_valid():
        if seconds := throttles.seconds_to_wait("funding", member.workspace.pk):
            return too_many_writes(request, seconds)
        with refusals_on(form):
            deposit = services.ask(
                workspace=member.workspace,
                amount_minor=form.cleaned_data["amount"],
                created_by_id=member.user.pk,
                batch=batch,
                method=form.cleaned_data["method"],
                billing_email=form.cleaned_data["billing_email"],
                reference=form.cleaned_data["reference"],
            )
        if form.is_valid():
            goes_on = "?go=on" if deposit.method == Deposit.Method.CARD else ""
            return go(request, f"{_address(request, deposit)}{goes_on}")
    context = {
        **workspace_context(request, "money"),
        "form": form,
        "batch": batch,
        "days": settings.STRIPE_INVOICE_DAYS,
        "is_possible": services.is_possible(member.workspace.currency),
    }
    return Page(request, "billing/deposits/new.html", context, status=422 if form.errors else 200)


@takes("go")
@require_GET
@workspace_view(Capability.MONEY)
def deposit(request: MemberRequest, deposit_id: uuid.UUID) -> HttpResponse:
    """Show a deposit as it is. Nothing is credited because somebody comes here: a worker looks at Stripe's object.

    With `go`, a visitor who has just asked for it goes on to Stripe's page as soon as that is there.
    """
    found: Deposit = get_object_or_404(selectors.deposits(), pk=deposit_id)
    now = clock.now()
    is_going = (
        "go" in request.GET
        and found.created_by_id == request.member.user.pk
        and selectors.goes_on(found, now)
    )
    if is_going and found.page_url and wants_part(request):
        return HttpResponseClientRedirect(found.page_url)
    if not is_going:
        services.want_look(deposit=found)
    disputes = selectors.disputes_of(found)
    context: dict[str, Any] = {
        **workspace_context(request, "money"),
        "deposit": found,
        "title": links.title_of(found),
        "disputes": disputes,
        "is_taken_back": selectors.is_taken_back(disputes),
        "is_going": is_going,
        "is_slow": selectors.is_slow(found, now),
        "is_overdue": selectors.is_overdue(found, now),
    }
    return page_or_partial(
        request, "billing/deposits/deposit.html", "billing/deposits/_deposit.html", context
    )


@require_POST
@workspace_view(Capability.MONEY)
def deposit_cancel(request: MemberRequest, deposit_id: uuid.UUID) -> HttpResponse:
    """Let a worker void the invoice of a deposit. The deposit's page says what came of it."""
    found: Deposit = get_object_or_404(selectors.deposits(), pk=deposit_id)
    try:
        services.cancel(deposit=found, actor_id=request.member.user.pk)
    except Refused as refused:
        messages.error(request, refused.detail)
    return go(request, _address(request, found))


def _batch(request: MemberRequest) -> Batch | None:
    """Return the batch that needs the money. Raises: Http404 for one of another workspace."""
    if "batch" not in request.GET:
        return None
    found: Batch = get_object_or_404(Batch.objects.all(), pk=named_id(request.GET["batch"]))
    return found


def _address(request: MemberRequest, deposit: Deposit) -> str:
    return reverse("deposit", args=[request.member.workspace.slug, deposit.pk])
