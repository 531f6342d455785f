"""The page of a project's price: what an answer pays, what it paid before, and a form that changes it."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from projects.plan import prices
from projects.plan.forms import PriceForm
from projects.plan.models import PriceVersion
from projects.plan.pages import project_context
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, go, refusals_on
from rlhfhub.web.queries import takes


@takes("cursor")
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def price(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show the price and its versions. A member who may edit can set the next one."""
    context = project_context(request, project_id, "overview")
    project = context["project"]
    form = PriceForm(request.POST or None, currency=project.currency)
    if request.method == "POST":
        if not request.member.may(Capability.EDIT):
            raise PermissionDenied
        if form.is_valid():
            with refusals_on(form):
                version = prices.set_price(
                    project=project,
                    price_minor=form.cleaned_data["price"],
                    because=form.cleaned_data["because"],
                    actor_id=request.member.user.pk,
                )
            if form.is_valid():
                amount = format_minor(version.price_minor, project.currency)
                messages.success(
                    request, f"Batches that you fund from now on pay {amount} an answer."
                )
                return go(
                    request, reverse("price", args=[request.member.workspace.slug, project_id])
                )
    context |= {
        "form": form,
        "why_fixed": prices.why_fixed(project),
        "listing": listed(PriceVersion.objects.filter(project=project), request, "-number"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return Page(request, "projects/plan/price.html", context, status=status)
