"""The page on which a member asks for money back, and sees what became of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from billing.deposits import freezing
from billing.deposits import refunds as service
from billing.deposits.forms import DepositForm
from billing.deposits.models import Refund
from rlhfhub.api import throttles
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, go, refusals_on, workspace_context
from rlhfhub.web.queries import takes
from rlhfhub.web.views import too_many_writes


@takes("cursor")
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.MONEY)
def refunds(request: MemberRequest) -> HttpResponse:
    """List the workspace's refunds, newest first; POST asks for money back."""
    workspace = request.member.workspace
    form = DepositForm(request.POST or None, currency=workspace.currency)
    if request.method == "POST" and form.is_valid():
        if seconds := throttles.seconds_to_wait("funding", workspace.pk):
            return too_many_writes(request, seconds)
        with refusals_on(form):
            service.ask(
                workspace=workspace,
                amount_minor=form.cleaned_data["amount"],
                created_by_id=request.member.user.pk,
            )
        if form.is_valid():
            messages.success(request, "Asked for. The list says what becomes of it.")
            return go(request, reverse("refunds", args=[workspace.slug]))
    context = {
        **workspace_context(request, "money"),
        "form": form,
        "most_minor": service.refundable_minor(workspace),
        "frozen": freezing.on_money(workspace),
        "listing": listed(Refund.objects.select_related("deposit"), request, "-id"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return Page(request, "billing/deposits/refunds.html", context, status=status)
