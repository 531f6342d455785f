"""The workspace's money."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from billing.ledger import selectors
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import cursor_of, cut
from rlhfhub.web.pages import Page, workspace_context
from rlhfhub.web.queries import takes


@takes("cursor")
@require_GET
@workspace_view(Capability.MONEY)
def money(request: MemberRequest) -> HttpResponse:
    """Show the balances, and every entry that changed the free one."""
    found = selectors.entries(request.member.workspace, cursor_of(request))
    listing = cut(found, request, key=lambda posting: posting.pk, size=selectors.PAGE)
    context = {
        **workspace_context(request, "money"),
        "balances": selectors.balances(request.member.workspace),
        "journals": selectors.shown(listing.rows),
        "listing": listing,
    }
    return Page(request, "billing/money.html", context)
