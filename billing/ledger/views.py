"""The workspace's money."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.ledger import selectors
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import workspace_context


@require_GET
@workspace_view(Capability.MONEY)
def money(request: MemberRequest) -> HttpResponse:
    """Balances, and every entry that changed the free one."""
    journals, next_cursor = selectors.entries(request.member.workspace, _cursor(request))
    context = {
        **workspace_context(request, "money"),
        "balances": selectors.balances(request.member.workspace),
        "journals": journals,
        "next_cursor": next_cursor,
    }
    return render(request, "billing/money.html", context)


def _cursor(request: MemberRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET["cursor"]) if request.GET.get("cursor") else None
    except ValueError as error:
        raise Http404 from error
