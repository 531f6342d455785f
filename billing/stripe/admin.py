"""Stripe's events in the staff's admin, where staff replay those that were given up."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from billing.stripe import dead_events
from billing.stripe.models import InboundEvent, SweepCursor
from rlhfhub.tenancy.staff import Need, ReadOnlyAdmin, Waiting, site


@admin.register(InboundEvent, site=site)
class InboundEventAdmin(ReadOnlyAdmin):
    list_display = (
        "received_at",
        "type",
        "object_id",
        "account",
        "state",
        "attempts",
        "next_at",
        "error_start",
    )
    list_filter = ("state", "endpoint")
    search_fields = ("event_id__exact", "object_id__exact", "account__exact", "type__startswith")
    ordering = ("-id",)
    actions = ("replay",)
    actions_list = ("replay_all",)

    @admin.display(description="Error")
    def error_start(self, event: InboundEvent) -> str:
        return event.error[:120]

    @admin.action(description="Replay (dead ones)")
    def replay(self, request: HttpRequest, chosen: QuerySet[InboundEvent]) -> None:
        ids = list(chosen.values_list("pk", flat=True))
        count = dead_events.replay(event_ids=ids, actor_id=request.user.pk)
        messages.success(
            request, f"{count} will be handled again now. Only dead ones are replayed."
        )

    @action(description="Replay all dead ones", url_path="replay-all")
    def replay_all(self, request: HttpRequest) -> HttpResponse:
        """Show how many events are dead; POST replays all of them."""
        if request.method == "POST":
            count = dead_events.replay_all(actor_id=request.user.pk)
            messages.success(request, f"{count} will be handled again now.")
            return HttpResponseRedirect(_path())
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "Replay all dead Stripe events",
            "count": dead_events.dead().count(),
        }
        return TemplateResponse(request, "billing/stripe/replay_all.html", context)


@admin.register(SweepCursor, site=site)
class SweepCursorAdmin(ReadOnlyAdmin):
    list_display = ("source", "swept_to", "until")


def _path() -> str:
    return reverse("admin:billing_stripe_inboundevent_changelist")


def _needs(most: int) -> list[Need]:
    """The dead events, the oldest first: somebody finds out why, and replays them."""
    return [
        Need(
            kind="Dead Stripe event",
            words=f"{event.type}: {event.error[:120]}",
            workspace="",
            since=event.received_at,
            due_at=None,
            path=reverse("admin:billing_stripe_inboundevent_change", args=[event.pk]),
        )
        for event in dead_events.dead().order_by("received_at")[:most]
    ]


def _waiting() -> Waiting:
    path = f"{_path()}?state__exact=dead"
    return Waiting("Dead Stripe events", dead_events.dead().count(), path)


site.ask(_needs)
site.count(_waiting)
