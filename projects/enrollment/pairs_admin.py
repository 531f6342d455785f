"""Pairs of accounts in the staff's admin, where staff link two accounts as one person's, or dismiss the pair."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from projects.enrollment import pairs
from rlhfhub.tenancy.models import AccountPair
from rlhfhub.tenancy.pairs import NOTE_CHARS, decide
from rlhfhub.tenancy.staff import Need, ReadOnlyAdmin, Waiting, site
from rlhfhub.web.pages import refusals_on


class PairForm(forms.Form):
    """Why two accounts are one person's or not."""

    note = forms.CharField(label="Why", max_length=NOTE_CHARS, widget=UnfoldAdminTextareaWidget)


@admin.register(AccountPair, site=site)
class AccountPairAdmin(ReadOnlyAdmin):
    """Two accounts that signed in with one device: a signal for staff, and no proof of anything."""

    list_display = ("found_at", "one", "other", "state", "decided_at")
    list_filter = ("state",)
    list_select_related = ("one", "other")
    search_fields = ("one__email__istartswith", "other__email__istartswith")
    ordering = ("found_at", "pk")
    actions_detail = ("decide",)
    show_facets = admin.ShowFacets.NEVER

    @action(description="See what they share and decide", url_path="decide")
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what two accounts share; POST links them, or dismisses the pair."""
        pair = _pair(object_id)
        form = PairForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and _decided(request, pair, form):
            messages.success(request, "Decided.")
            path = reverse("admin:rlhfhub_tenancy_accountpair_changelist")
            return HttpResponseRedirect(f"{path}?state__exact=open")
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "Two accounts",
            "pair": pair,
            "devices": pairs.devices_of(pair),
            "projects": pairs.projects_of(pair),
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "projects/enrollment/pair.html", context, status=status)


def _pair(object_id: str) -> AccountPair:
    try:
        return AccountPair.objects.select_related("one", "other").get(pk=object_id)
    except (AccountPair.DoesNotExist, ValidationError) as error:
        raise Http404 from error


def _decided(request: HttpRequest, pair: AccountPair, form: PairForm) -> bool:
    """Decide as the form says. Returns false, with the errors on the form, if that is refused."""
    if ("link" in request.POST) == ("dismiss" in request.POST):
        form.add_error(None, "Say whether the accounts are one person’s or two people’s.")
        return False
    staff_id: uuid.UUID | None = request.user.pk
    if staff_id is None:
        raise PermissionDenied
    with refusals_on(form):
        note = form.cleaned_data["note"]
        decide(pair_id=pair.pk, linked="link" in request.POST, note=note, staff_id=staff_id)
    return form.is_valid()


def _open_pairs() -> Waiting:
    """The pairs of accounts on which nobody decided yet."""
    path = reverse("admin:rlhfhub_tenancy_accountpair_changelist")
    count = AccountPair.objects.filter(state=AccountPair.State.OPEN).count()
    return Waiting("Accounts that share a device", count, f"{path}?state__exact=open")


def _needs(most: int) -> list[Need]:
    rows = AccountPair.objects.filter(state=AccountPair.State.OPEN).select_related("one", "other")
    return [
        Need(
            kind="Accounts that share a device",
            words=f"{row.one.email} and {row.other.email}",
            workspace="",
            since=row.found_at,
            due_at=None,
            path=reverse("admin:rlhfhub_tenancy_accountpair_decide", args=[row.pk]),
        )
        for row in rows.order_by("found_at")[:most]
    ]


site.count(_open_pairs)
site.ask(_needs)
