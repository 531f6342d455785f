"""Funding and opening a calibration round from its page."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from billing.funding.forms import FundForm
from billing.funding.rounds import fund_and_open
from projects.calibration.selectors import round_of
from rlhfhub.api import throttles
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import go, refusals_as_messages
from rlhfhub.web.views import too_many_writes


@require_POST
@workspace_view(Capability.SPEND)
def round_fund(request: MemberRequest, round_id: uuid.UUID) -> HttpResponse:
    """Set aside the money for both attempts of a round, and open it."""
    found = round_of(round_id)
    if seconds := throttles.seconds_to_wait("funding", found.workspace_id):
        return too_many_writes(request, seconds)
    with refusals_as_messages(request):
        agreed = FundForm(request.POST)
        if not agreed.is_valid():
            words = "The page did not say what the round costs, so nothing was moved. Reload it and fund again."
            raise Refused("cost_missing", words, status=409)
        fund_and_open(of=found, actor_id=request.member.user.pk, **agreed.cleaned_data)
        messages.success(request, "The round is open. Annotators who wait begin at once.")
    return go(request, reverse("round", args=[request.member.workspace.slug, round_id]))
