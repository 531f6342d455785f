"""Funding runs and journals in the staff's admin: read-only, except that staff book deposits here."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from billing.funding import services
from billing.funding.forms import DepositForm
from billing.funding.models import Funding
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.staff import ReadOnlyAdmin, person_of, site
from rlhfhub.web.pages import refusals_on


@admin.register(Funding, site=site)
class FundingAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "workspace",
        "batch",
        "state",
        "items_done",
        "items",
        "slots",
        "slots_paid",
        "finished_at",
    )
    list_filter = ("state",)
    list_select_related = ("workspace", "batch")
    search_fields = ("workspace__slug__startswith",)
    ordering = ("-created_at",)
    actions_list = ("deposit",)

    @action(description="Book a deposit", url_path="deposit", icon="add")
    def deposit(self, request: HttpRequest) -> HttpResponse:
        """Show and handle the form that books money received for a workspace."""
        form = DepositForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and self._book(request, form):
            return HttpResponseRedirect(reverse("admin:billing_ledger_journal_changelist"))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "Book a deposit",
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "billing/funding/deposit.html", context, status=status)

    def _book(self, request: HttpRequest, form: DepositForm) -> bool:
        data = form.cleaned_data
        workspace = data["workspace"]
        with refusals_on(form):
            new = services.deposit(
                workspace_id=workspace.pk,
                currency=workspace.currency,
                amount_minor=data["amount_minor"],
                reference=data["reference"],
                actor_id=person_of(request),
                note=data["note"],
            )
            if not new:
                form.add_error(
                    "reference",
                    "A deposit with this reference was booked before. Nothing was booked now.",
                )
        if form.is_valid():
            amount = format_minor(data["amount_minor"], workspace.currency)
            messages.success(request, f"Booked {amount} for {workspace.name}.")
        return form.is_valid()
