"""The outbox of mails in the staff's admin, where staff try mails again or give them up."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from rlhfhub.notices import outbox, watch
from rlhfhub.notices.models import Mail
from rlhfhub.tenancy.staff import Need, ReadOnlyAdmin, site


@admin.register(Mail, site=site)
class MailAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "receiver", "state", "attempts", "next_at", "error_start")
    list_filter = (
        ("sent_at", admin.EmptyFieldListFilter),
        ("given_up_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("person", "invitation")
    search_fields = ("person__email__istartswith", "invitation__email__istartswith")
    ordering = ("-created_at",)
    actions = ("retry", "give_up")

    @admin.display(description="To")
    def receiver(self, mail: Mail) -> str:
        if mail.invitation:
            return f"{mail.invitation.email} (invitation)"
        return str(mail.person.email) if mail.person else ""

    @admin.display(description="State")
    def state(self, mail: Mail) -> str:
        if mail.sent_at:
            return "sent"
        return "given up" if mail.given_up_at else "waiting"

    @admin.display(description="Error")
    def error_start(self, mail: Mail) -> str:
        return mail.error[:120]

    @admin.action(description="Try again now")
    def retry(self, request: HttpRequest, chosen: QuerySet[Mail]) -> None:
        ids = list(chosen.values_list("pk", flat=True))
        count = outbox.retry(mail_ids=ids, actor_id=request.user.pk)
        messages.success(request, f"{count} will be tried again now. Sent ones are left out.")

    @admin.action(description="Give up")
    def give_up(self, request: HttpRequest, chosen: QuerySet[Mail]) -> None:
        ids = list(chosen.values_list("pk", flat=True))
        count = outbox.give_up(mail_ids=ids, actor_id=request.user.pk)
        messages.success(request, f"{count} given up. Sent ones are left out.")


def _needs(most: int) -> list[Need]:
    """One line for all mails that were given up lately: staff try them again in their list."""
    found = watch.given_up()
    if found is None:
        return []
    path = reverse("admin:rlhfhub_notices_mail_changelist")
    return [
        Need(
            kind="Mails that were given up",
            words=f"{found.count} in the last {watch.GIVEN_UP_DAYS} days",
            workspace="",
            since=found.oldest_at,
            due_at=None,
            path=f"{path}?given_up_at__isempty=0",
        )
    ]


site.ask(_needs)
