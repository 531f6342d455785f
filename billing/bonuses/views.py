"""Pages: give a bonus to an annotator; raise the pay of a project's accepted answers."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from billing.bonuses import services
from billing.bonuses.forms import BonusForm, TopUpForm
from billing.bonuses.models import Bonus, TopUp
from billing.funding import selectors as funding
from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from projects.plan.pages import project_context
from projects.quality.pay import panels, raising
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, go, refusals_on
from rlhfhub.web.queries import takes

form_methods = require_http_methods(["GET", "POST"])


@takes("cursor")
@form_methods
@workspace_view(Capability.VIEW)
def bonus(request: MemberRequest, project_id: uuid.UUID, pseudonym: str) -> HttpResponse:
    """List an annotator's bonuses in a project. A member who may spend can give one."""
    context = project_context(request, project_id, "overview")
    project = context["project"]
    rows = Enrollment.objects.select_related("project")
    enrollment: Enrollment = get_object_or_404(rows, project=project, pseudonym=pseudonym)
    form = BonusForm(request.POST or None, currency=project.currency)
    if request.method == "POST":
        _may_spend(request)
        if form.is_valid():
            with refusals_on(form):
                made = services.give(
                    enrollment=enrollment,
                    amount_minor=form.cleaned_data["amount"],
                    reason=form.cleaned_data["reason"],
                    actor_id=request.member.user.pk,
                )
            if form.is_valid():
                amount = format_minor(made.amount_minor, made.currency)
                messages.success(request, f"{pseudonym} gets {amount}, and is told.")
                return go(request, request.path)
    context |= {
        "enrollment": enrollment,
        "form": form,
        "available_minor": funding.free_balance(project.workspace_id, project.currency),
        "listing": listed(Bonus.objects.filter(enrollment=enrollment), request, "-id"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return Page(request, "billing/bonuses/bonus.html", context, status=status)


@takes("cursor", "price")
@form_methods
@workspace_view(Capability.VIEW)
def top_up(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """List a project's top-ups. A member who may spend sees what the next one costs, and makes it."""
    context = project_context(request, project_id, "overview")
    project = context["project"]
    hourly = panels.on_project(project)
    asked = {"amount": request.GET["price"]} if "price" in request.GET else None
    form = TopUpForm(request.POST or asked, currency=project.currency)
    if hourly and hourly.is_below:
        form.suggest(hourly.needed_minor)
    if request.method == "POST":
        _may_spend(request)
        agreed = form.is_valid() and form.cleaned_data["agreed"] is not None
        if agreed and _topped_up(request, project, form):
            return go(request, request.path)
    context |= {
        "form": form,
        "hourly": hourly,
        "cost": raising.paid_less(project, form.cleaned_data["amount"])
        if form.is_bound and form.is_valid()
        else None,
        "available_minor": funding.free_balance(project.workspace_id, project.currency),
        "listing": listed(TopUp.objects.filter(project=project), request, "-id"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return Page(request, "billing/bonuses/top_up.html", context, status=status)


def _topped_up(request: MemberRequest, project: Project, form: TopUpForm) -> bool:
    """Make the top-up that the page showed, and say so. Returns False if it is refused, which the form says."""
    with refusals_on(form):
        made = services.top_up(
            project=project,
            price_minor=form.cleaned_data["amount"],
            agreed_minor=form.cleaned_data["agreed"],
            actor_id=request.member.user.pk,
        )
        amount = format_minor(made.amount_minor, made.currency)
        messages.success(request, f"{made.answers:,} answers got {amount} more in all.")
    return form.is_valid()


def _may_spend(request: MemberRequest) -> None:
    if not request.member.may(Capability.SPEND):
        raise PermissionDenied
