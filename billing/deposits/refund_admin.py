"""Refunds in the staff's admin: two members of staff send those by bank, or one refuses them; two book other ones."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from billing.deposits import bank_refunds, dashboard_refunds
from billing.deposits.forms import RefusalForm, TransferForm
from billing.deposits.models import Refund
from billing.ledger.forms import ReasonForm, VerdictForm
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.staff import Need, ReadOnlyAdmin, Waiting, person_of, site
from rlhfhub.web.pages import refusals_on


@admin.register(Refund, site=site)
class RefundAdmin(ReadOnlyAdmin):
    list_display = (
        "asked_at",
        "workspace",
        "way",
        "amount_minor",
        "currency",
        "state",
        "reference",
        "refund_id",
        "error",
    )
    list_filter = ("state", "way")
    list_select_related = ("workspace",)
    search_fields = ("refund_id__exact", "reference__exact", "workspace__slug__startswith")
    ordering = ("-id",)
    actions_detail = ("transfer", "take_back", "refuse", "book")

    @action(description="Enter or confirm the bank transfer", url_path="transfer")
    def transfer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a refund by bank; POST notes the transfer's reference, or confirms what another one has entered."""
        refund = _found(object_id)
        form = TransferForm(request.POST if request.method == "POST" else None, refund=refund)
        if request.method == "POST" and form.is_valid():
            with refusals_on(form):
                _act(refund, form, person_of(request))
            if form.is_valid():
                messages.success(request, "Confirmed." if refund.reference else "Entered.")
                return HttpResponseRedirect(_path())
        return self._page(request, "billing/deposits/transfer.html", refund, form)

    @action(description="Take back the bank transfer", url_path="take_back")
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a transfer that was entered; POST asks to take it back, or decides what another one has asked."""
        refund = _found(object_id)
        kind = VerdictForm if refund.is_to_be_taken_back else ReasonForm
        form = kind(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            with refusals_on(form):
                _take_back(refund, form, person_of(request))
            if form.is_valid():
                words = (
                    "Decided."
                    if refund.is_to_be_taken_back
                    else "Another member of staff decides it."
                )
                messages.success(request, words)
                return HttpResponseRedirect(_path())
        return self._page(request, "billing/deposits/take_back.html", refund, form)

    @action(description="Refuse a refund by bank", url_path="refuse")
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the form that refuses a refund by bank; POST refuses it."""
        refund = _found(object_id)
        form = RefusalForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            with refusals_on(form):
                bank_refunds.refuse(
                    refund_id=refund.pk,
                    reason=form.cleaned_data["reason"],
                    actor_id=person_of(request),
                )
            if form.is_valid():
                messages.success(request, "Refused. The workspace is told.")
                return HttpResponseRedirect(_path())
        return self._page(request, "billing/deposits/refuse.html", refund, form)

    @action(description="Book a refund made in Stripe's dashboard", url_path="book")
    def book(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a refund that was made in Stripe's dashboard; POST asks to book it, or confirms that."""
        refund = _found(object_id)
        form = forms.Form(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            act = dashboard_refunds.confirm if refund.entered_by_id else dashboard_refunds.enter
            with refusals_on(form):
                act(refund_id=refund.pk, actor_id=person_of(request))
            if form.is_valid():
                words = (
                    "Confirmed." if refund.entered_by_id else "Another member of staff confirms it."
                )
                messages.success(request, words)
                return HttpResponseRedirect(_path())
        return self._page(request, "billing/deposits/book.html", refund, form)

    def _page(
        self, request: HttpRequest, template: str, refund: Refund, form: forms.Form
    ) -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "A refund",
            "refund": refund,
            "amount": format_minor(refund.amount_minor, refund.currency),
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, template, context, status=status)


def _act(refund: Refund, form: forms.Form, actor_id: uuid.UUID) -> None:
    if refund.reference:
        bank_refunds.confirm(refund_id=refund.pk, actor_id=actor_id)
    else:
        reference = form.cleaned_data["reference"]
        bank_refunds.enter(refund_id=refund.pk, reference=reference, actor_id=actor_id)


def _take_back(refund: Refund, form: forms.Form, actor_id: uuid.UUID) -> None:
    given, about = form.cleaned_data, {"refund_id": refund.pk, "actor_id": actor_id}
    if refund.is_to_be_taken_back:
        bank_refunds.decide_take_back(approve=given["approve"], **about)
    else:
        bank_refunds.ask_to_take_back(reason=given["reason"], **about)


def _found(key: str) -> Refund:
    try:
        refund: Refund = Refund.objects.select_related("workspace").get(pk=key)
    except (Refund.DoesNotExist, ValidationError) as error:
        raise Http404 from error
    return refund


def _path() -> str:
    return reverse("admin:billing_deposits_refund_changelist")


def _kind_of(refund: Refund) -> str:
    if refund.is_to_be_taken_back:
        return "Transfer to take back"
    return "Refund to confirm" if refund.reference else "Refund to send"


def _page_of(refund: Refund) -> str:
    return "take_back" if refund.is_to_be_taken_back else "transfer"


def _needs(most: int) -> list[Need]:
    """The refunds by bank, the oldest first: somebody sends the money, and somebody else confirms it."""
    return [
        Need(
            kind=_kind_of(refund),
            words=format_minor(refund.amount_minor, refund.currency),
            workspace=refund.workspace.name,
            since=refund.asked_at,
            due_at=None,
            path=reverse(f"admin:billing_deposits_refund_{_page_of(refund)}", args=[refund.pk]),
        )
        for refund in bank_refunds.waiting().select_related("workspace").order_by("asked_at")[:most]
    ]


def _dashboard_needs(most: int) -> list[Need]:
    """The refunds made in Stripe's dashboard, the oldest first: two members of staff agree to book each."""
    rows = dashboard_refunds.waiting().select_related("workspace").order_by("asked_at")[:most]
    return [
        Need(
            kind="Refund made at Stripe",
            words=f"{format_minor(refund.amount_minor, refund.currency)}, not taken from the workspace yet",
            workspace=refund.workspace.name,
            since=refund.asked_at,
            due_at=None,
            path=reverse("admin:billing_deposits_refund_book", args=[refund.pk]),
        )
        for refund in rows
    ]


def _waiting() -> Waiting:
    return Waiting("Refunds by bank", bank_refunds.waiting().count(), f"{_path()}?way__exact=bank")


site.ask(_needs)
site.ask(_dashboard_needs)
site.count(_waiting)
