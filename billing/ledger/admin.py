"""The ledger in the staff's admin: read-only, except that two members of staff may reverse a journal."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from billing.ledger import corrections, selectors
from billing.ledger.forms import ReasonForm, VerdictForm
from billing.ledger.models import Account, Correction, Journal, Posting, Seal
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.staff import Need, ReadOnlyAdmin, ReadOnlyInline, Waiting, person_of, site
from rlhfhub.web.pages import refusals_on


@admin.register(Account, site=site)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("kind", "kept", "currency", "workspace_id", "batch_id", "person_id")
    list_filter = ("kind", "currency")
    search_fields = ("workspace_id__exact", "person_id__exact")
    ordering = ("kind", "id")
    fields = ("kind", "currency", "balance", "workspace_id", "batch_id", "person_id")
    readonly_fields = ("balance",)

    @admin.display(description="Balance", ordering="balance_minor")
    def kept(self, account: Account) -> str:
        if account.balance_minor is None:
            return "shown on its page"
        return format_minor(account.balance_minor, account.currency)

    @admin.display(description="Balance")
    def balance(self, account: Account) -> str:
        return format_minor(selectors.balance_of(account), account.currency)


class PostingInline(ReadOnlyInline):
    model = Posting
    fields = ("account", "amount_minor", "currency", "person_id")


@admin.register(Journal, site=site)
class JournalAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "workspace_id", "cause", "note", "actor_id")
    list_filter = ("kind",)
    search_fields = ("cause__exact", "workspace_id__exact")
    ordering = ("-id",)
    inlines = (PostingInline,)
    actions_detail = ("reverse",)
    show_facets = admin.ShowFacets.NEVER

    @action(description="Ask to reverse it", url_path="reverse")
    def reverse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the journal and a form for the reason; POST asks another member of staff to reverse it."""
        journal = _found(Journal, object_id)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            with refusals_on(form):
                corrections.ask(
                    journal_id=journal.pk, actor_id=person_of(request), **form.cleaned_data
                )
            if form.is_valid():
                messages.success(request, "Asked. Another member of staff has to approve it.")
                return HttpResponseRedirect(reverse("admin:billing_ledger_correction_changelist"))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "Reverse a journal",
            "journal": journal,
            "lines": selectors.lines_of(journal),
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "billing/ledger/reverse.html", context, status=status)


@admin.register(Posting, site=site)
class PostingAdmin(ReadOnlyAdmin):
    list_display = ("at", "amount", "account_kind", "journal_kind", "workspace_id", "person_id")
    list_select_related = ("account", "journal")
    search_fields = ("workspace_id__exact", "person_id__exact", "journal__cause__exact")
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description="Amount", ordering="amount_minor")
    def amount(self, posting: Posting) -> str:
        return format_minor(posting.amount_minor, posting.currency)

    @admin.display(description="Account")
    def account_kind(self, posting: Posting) -> str:
        return posting.account.kind

    @admin.display(description="Journal")
    def journal_kind(self, posting: Posting) -> str:
        return posting.journal.kind


@admin.register(Seal, site=site)
class SealAdmin(ReadOnlyAdmin):
    list_display = ("day", "journals", "digest", "sealed_at")
    ordering = ("-day",)


@admin.register(Correction, site=site)
class CorrectionAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "journal", "reason", "approved", "decided_at")
    list_filter = ("approved",)
    list_select_related = ("journal",)
    actions_detail = ("decide",)
    show_facets = admin.ShowFacets.NEVER

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Put those that wait first, which `ordering` cannot."""
        return [F("decided_at").desc(nulls_first=True), "-asked_at"]

    @action(description="Approve or refuse it", url_path="decide")
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what would be moved back; POST moves it, or refuses."""
        correction = _found(Correction, object_id)
        form = VerdictForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            with refusals_on(form):
                is_new = corrections.decide(
                    correction_id=correction.pk,
                    approve=form.cleaned_data["approve"],
                    actor_id=person_of(request),
                )
            if form.is_valid():
                words = "Decided." if is_new else "It was decided before. Nothing was changed now."
                messages.success(request, words)
                return HttpResponseRedirect(reverse("admin:billing_ledger_correction_changelist"))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "A correction",
            "correction": correction,
            "journal": correction.journal,
            "lines": selectors.lines_of(correction.journal),
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "billing/ledger/correction.html", context, status=status)


def _found(model: Any, key: str) -> Any:
    try:
        return model.objects.get(pk=key)
    except (model.DoesNotExist, ValidationError) as error:
        raise Http404 from error


def _needs(most: int) -> list[Need]:
    """Return the corrections that wait for a second member of staff."""
    rows = Correction.objects.filter(decided_at=None).order_by("asked_at")
    return [
        Need(
            kind="Correction",
            words=row.reason[:120],
            workspace="",
            since=row.asked_at,
            due_at=None,
            path=reverse("admin:billing_ledger_correction_decide", args=[row.pk]),
        )
        for row in rows[:most]
    ]


def _waiting() -> Waiting:
    path = reverse("admin:billing_ledger_correction_changelist")
    count = Correction.objects.filter(decided_at=None).count()
    return Waiting("Corrections of the ledger to approve", count, f"{path}?approved__isnull=True")


site.ask(_needs)
site.count(_waiting)
