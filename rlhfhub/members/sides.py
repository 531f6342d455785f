"""The two sides of the site, work and giving work: where each begins for a person, and the switch between them."""

import uuid
from collections.abc import Callable

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from rlhfhub.tenancy import services
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.tenancy.models import User
from rlhfhub.web.pages import go, refusals_as_messages

# Returns the path at which work begins for a person. Door plane.
Begin = Callable[[uuid.UUID], str]
_registered: list[Begin] = []


def register(begin: Begin) -> None:
    """Register where work begins. Called from an AppConfig's ready() of a later room, which knows its pages."""
    _registered[:] = [begin]


def work_begins_at(person_id: uuid.UUID) -> str:
    """Return the path of the page that this person's work begins on. Door plane.

    Raises: RuntimeError if no room has registered it.
    """
    if not _registered:
        raise RuntimeError("no room has registered where work begins")
    return _registered[0](person_id)


@require_POST
@signed_in
def side(request: PersonRequest) -> HttpResponse:
    """Switch to the side that the form names, for all browsers of the account, and go to its first page."""
    with refusals_as_messages(request):
        services.set_side(user=request.user, side=request.POST.get("side", ""))
    if request.user.side == User.Side.WORK:
        return go(request, work_begins_at(request.user.pk))
    return go(request, reverse("home"))
