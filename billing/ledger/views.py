"""The workspace's money."""

from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from billing.ledger import selectors
from billing.ledger.boards import MONEY
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import Listing, cursor_of, cut, listed
from rlhfhub.web.pages import Page, workspace_context
from rlhfhub.web.queries import takes


@takes("cursor", "show")
@require_GET
@workspace_view(Capability.MONEY)
def money(request: MemberRequest) -> HttpResponse:
    """Show the balances, and the entries that changed the free one or, with `show=all`, every entry."""
    workspace, show = request.member.workspace, request.GET.get("show", "free")
    if show not in selectors.SHOWS:
        raise Http404
    listing: Listing[Any]
    after = {}
    if show == "all":
        rows = selectors.journals_of(workspace)
        listing = listed(rows, request, "-at", "-id", size=selectors.PAGE)
        journals = listing.rows
    else:
        found = selectors.entries(workspace, cursor_of(request))
        listing = cut(found, request, key=lambda posting: posting.pk, size=selectors.PAGE)
        journals = [posting.journal for posting in listing.rows]
        after = selectors.balances_after(listing.rows)
    context = {
        **workspace_context(request, "money"),
        "balances": selectors.balances(workspace),
        "panels": MONEY.panels(workspace),
        "journals": selectors.shown(journals, workspace.slug, after),
        "listing": listing,
        "show": show,
        "shows": selectors.SHOWS,
    }
    return Page(request, "billing/money.html", context)
