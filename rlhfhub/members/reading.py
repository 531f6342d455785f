"""The choice whether a person reads the texts of models formatted or raw."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from rlhfhub.tenancy import services
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.web.pages import go


@require_POST
@signed_in
def reading(request: PersonRequest) -> HttpResponse:
    """Save the choice for the account, and go back to the page of this site that `next` names."""
    services.set_reading(user=request.user, raw=request.POST.get("reading") == "raw")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("home")
    return go(request, back)
