"""Failed deliveries in the staff's admin, where staff retry them or give them up."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from rlhfhub.events import deliveries
from rlhfhub.events.dispatch import MAX_ATTEMPTS
from rlhfhub.events.models import Delivery
from rlhfhub.events.watch import PATIENCE, backlog
from rlhfhub.tenancy.staff import ReadOnlyAdmin, Waiting, site


@admin.register(Delivery, site=site)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("event_created_at", "handler", "state", "attempts", "next_at", "error_start")
    list_filter = (("done_at", admin.EmptyFieldListFilter),)
    search_fields = ("workspace_id__exact", "event_id__exact")
    ordering = ("-event_created_at",)
    actions = ("retry", "give_up")

    @admin.display(description="State")
    def state(self, delivery: Delivery) -> str:
        if delivery.done_at:
            return "given up" if delivery.error else "delivered"
        return "dead" if delivery.attempts >= MAX_ATTEMPTS else "waiting"

    @admin.display(description="Error")
    def error_start(self, delivery: Delivery) -> str:
        return delivery.error[:120]

    @admin.action(description="Try again now")
    def retry(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        ids = list(chosen.values_list("pk", flat=True))
        count = deliveries.retry(delivery_ids=ids, actor_id=request.user.pk)
        messages.success(request, f"{count} will be tried again now. Delivered ones are left out.")

    @admin.action(description="Give up (their events may be deleted)")
    def give_up(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        ids = list(chosen.values_list("pk", flat=True))
        count = deliveries.give_up(delivery_ids=ids, actor_id=request.user.pk)
        messages.success(
            request,
            f"{count} given up. Only those that failed {MAX_ATTEMPTS} times can be given up.",
        )


def _late() -> Waiting:
    found = backlog()
    late = found.late_deliveries + (found.oldest_seconds > PATIENCE)
    return Waiting(
        "Late background work", late, reverse("admin:rlhfhub_events_delivery_changelist")
    )


def _dead() -> Waiting:
    path = reverse("admin:rlhfhub_events_delivery_changelist")
    return Waiting("Dead deliveries", backlog().dead_deliveries, f"{path}?done_at__isempty=1")


site.count(_late)
site.count(_dead)
