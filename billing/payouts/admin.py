"""Payouts in the staff's admin: read-only, except that two members of staff pay by hand, or reverse one."""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Count, Model, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from billing.payouts import by_hand, reversals
from billing.payouts.forms import APPROVE, CONFIRM, ENTER, ByHandForm, ReversalForm, VerdictForm
from billing.payouts.models import BankPayout, Payout, PayoutRun, Reversal
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.staff import Need, ReadOnlyAdmin, Waiting, person_of, site
from rlhfhub.web.pages import refusals_on

Found = TypeVar("Found", bound=Model)


@admin.register(PayoutRun, site=site)
class PayoutRunAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "day", "person", "currency", "made_at", "count")
    list_filter = ("kind",)
    list_select_related = ("person",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutRun]:
        return super().get_queryset(request).annotate(payouts_count=Count("payouts"))

    @admin.display(description="Payouts")
    def count(self, run: PayoutRun) -> int:
        return run.payouts_count  # type: ignore[attr-defined]


@admin.register(Payout, site=site)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "person",
        "amount",
        "state",
        "transfer",
        "attempt",
        "sent_at",
        "error_code",
    )
    list_filter = ("state", "currency", "rail", "error_code")
    list_select_related = ("person",)
    search_fields = ("transfer__exact", "person__email__istartswith", "destination__exact")
    ordering = ("-id",)
    actions_detail = ("decide", "reverse")

    @admin.display(description="Amount", ordering="amount_minor")
    def amount(self, payout: Payout) -> str:
        return format_minor(payout.amount_minor, payout.currency)

    @action(description="Pay by hand", url_path="by-hand")
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a payout by hand with the person's bank details; POST enters, confirms or takes back a transfer."""
        payout = _found(Payout.objects.select_related("person", "details"), object_id)
        form = ByHandForm(request.POST if request.method == "POST" else None)
        done = _done(
            request,
            form,
            lambda: _act(payout, form.cleaned_data, person_of(request)),
            words="Done.",
            to="payout",
        )
        more = {"title": "Pay by hand", "payout": payout, "amount": self.amount(payout)}
        return done or _shown(request, "by_hand", form=form, **more)

    @action(description="Reverse it", url_path="reverse")
    def reverse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what can be taken back of a payout; POST asks another member of staff to approve it."""
        payout = _found(Payout.objects.select_related("person"), object_id)
        posted = request.POST if request.method == "POST" else None
        form = ReversalForm(posted, currency=payout.currency)
        done = _done(
            request,
            form,
            lambda: reversals.ask(
                payout_id=payout.pk,
                amount_minor=form.cleaned_data["amount"],
                reason=form.cleaned_data["reason"],
                actor_id=person_of(request),
            ),
            words="Asked. Another member of staff has to approve it.",
            to="reversal",
        )
        more = {"title": "Reverse a payout", "payout": payout, "amount": self.amount(payout)}
        left = format_minor(reversals.left(payout), payout.currency)
        return done or _shown(request, "reverse", form=form, left=left, **more)


@admin.register(Reversal, site=site)
class ReversalAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "person", "amount", "state", "reason", "ended_at")
    list_filter = ("state",)
    list_select_related = ("payout__person",)
    search_fields = ("payout__transfer__exact", "payout__person__email__istartswith")
    ordering = ("-id",)
    actions_detail = ("decide",)

    @admin.display(description="Person")
    def person(self, reversal: Reversal) -> str:
        return str(reversal.payout.person)

    @admin.display(description="Amount", ordering="amount_minor")
    def amount(self, reversal: Reversal) -> str:
        return format_minor(reversal.amount_minor, reversal.payout.currency)

    @action(description="Approve or decline it", url_path="decide")
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what is to be taken back; POST approves or declines."""
        reversal = _found(Reversal.objects.select_related("payout__person"), object_id)
        form = VerdictForm(request.POST if request.method == "POST" else None)
        done = _done(
            request,
            form,
            lambda: reversals.decide(
                reversal_id=reversal.pk,
                approve=form.cleaned_data["act"] == APPROVE,
                actor_id=person_of(request),
            ),
            words="Decided.",
            to="reversal",
        )
        more = {"title": "Reverse a payout", "reversal": reversal, "amount": self.amount(reversal)}
        return done or _shown(request, "reversal", form=form, **more)


def _found(rows: QuerySet[Found], key: str) -> Found:
    try:
        return rows.get(pk=key)
    except (ObjectDoesNotExist, ValidationError) as error:
        raise Http404 from error


def _done(
    request: HttpRequest, form: Form, act: Callable[[], object], *, words: str, to: str
) -> HttpResponse | None:
    """Run `act` for a valid POST and redirect to the list of `to`. Returns None for other requests and on a refusal."""
    if request.method != "POST" or not form.is_valid():
        return None
    with refusals_on(form):
        act()
    if not form.is_valid():
        return None
    messages.success(request, words)
    return HttpResponseRedirect(reverse(f"admin:billing_payouts_{to}_changelist"))


def _shown(request: HttpRequest, page: str, *, form: Form, **more: Any) -> HttpResponse:
    context = {**site.each_context(request), "form": form, **more}
    status = 422 if form.errors else 200
    return TemplateResponse(request, f"billing/payouts/{page}.html", context, status=status)


def _act(payout: Payout, data: dict[str, Any], actor_id: uuid.UUID) -> None:
    if data["act"] == ENTER:
        by_hand.enter(payout_id=payout.pk, reference=data["reference"], actor_id=actor_id)
    elif data["act"] == CONFIRM:
        by_hand.confirm(payout_id=payout.pk, actor_id=actor_id)
    else:
        by_hand.take_back(payout_id=payout.pk)


@admin.register(BankPayout, site=site)
class BankPayoutAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "person", "status", "amount_minor", "currency", "failure_code")
    list_filter = ("status", "currency")
    list_select_related = ("person",)
    search_fields = ("stripe_id__exact", "person__email__istartswith")
    ordering = ("-created_at",)


def _needs(most: int) -> list[Need]:
    """Return the payouts that wait to be sent by hand, or to be confirmed, and the reversals to decide."""
    by_bank = by_hand.waiting().order_by("created_at")[:most]
    back = reversals.waiting().select_related("payout").order_by("asked_at")[:most]
    return [*map(_by_hand_need, by_bank), *map(_reversal_need, back)]


def _by_hand_need(row: Payout) -> Need:
    act = "confirm the transfer" if row.entered_by_id else "send it"
    return Need(
        kind="Payout by hand",
        words=f"{format_minor(row.amount_minor, row.currency)}: {act}",
        workspace="",
        since=row.created_at,
        due_at=None,
        path=reverse("admin:billing_payouts_payout_decide", args=[row.pk]),
    )


def _reversal_need(row: Reversal) -> Need:
    return Need(
        kind="Reversal of a payout",
        words=f"{format_minor(row.amount_minor, row.payout.currency)}: approve or decline",
        workspace="",
        since=row.asked_at,
        due_at=None,
        path=reverse("admin:billing_payouts_reversal_decide", args=[row.pk]),
    )


def _by_hand_waiting() -> Waiting:
    path = reverse("admin:billing_payouts_payout_changelist")
    return Waiting("Payouts by hand", by_hand.waiting().count(), f"{path}?rail__exact=by_hand")


def _reversals_waiting() -> Waiting:
    path = reverse("admin:billing_payouts_reversal_changelist")
    return Waiting(
        "Reversals of payouts", reversals.waiting().count(), f"{path}?state__exact=asked"
    )


site.ask(_needs)
site.count(_by_hand_waiting)
site.count(_reversals_waiting)
