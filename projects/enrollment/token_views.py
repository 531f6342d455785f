"""The page of an annotator's own tokens. Each gives access over REST to the desk in one workspace."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from projects.enrollment import selectors
from projects.enrollment.forms import TokenForm
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.tenancy.models import ApiKey
from rlhfhub.tenancy.selectors import desk_token_of, desk_tokens_of
from rlhfhub.web import listing
from rlhfhub.web.pages import form_page, go, named_id, refusals_on
from rlhfhub.web.queries import takes


@takes("cursor")
@require_http_methods(["GET", "POST"])
@signed_in
def tokens(request: PersonRequest) -> HttpResponse:
    """List the person's tokens, create one or revoke one. A new secret is shown once, in the response. Door plane."""
    if request.method == "POST" and request.POST.get("action") == "revoke":
        _revoke(request)
        return go(request, reverse("tokens"))
    workspaces = selectors.workspaces_of(request.user.pk)
    sent = request.POST if request.method == "POST" else None
    form = TokenForm(sent, workspaces=workspaces)
    made, secret = _make(request, form) if form.is_valid() else (None, None)
    # One more than a page shows: `cut` tells by it whether there is a next page.
    before, most = listing.cursor_of(request), listing.SIZE + 1
    found = desk_tokens_of(request.user.pk, before=before, most=most)
    context = {
        "listing": listing.cut(found, request, key=lambda token: token.id, size=most - 1),
        "workspaces": workspaces,
        "form": TokenForm(workspaces=workspaces) if secret else form,
        "new_key": made,
        "new_secret": secret,
        "nav": "tokens",
    }
    return form_page(request, "projects/enrollment/tokens.html", form, context)


def _make(request: PersonRequest, form: TokenForm) -> tuple[ApiKey | None, str | None]:
    person, fields = request.user.pk, form.cleaned_data
    made, secret = None, None
    with refusals_on(form), planes.at_desk(person, fields["workspace"]):
        made, secret = services.create_desk_token(
            person_id=person,
            workspace_id=fields["workspace"],
            name=fields["name"],
            expires_at=form.expires_at(),
        )
    return made, secret


def _revoke(request: PersonRequest) -> None:
    """Revoke the token. The door returns only this person's tokens, so that any other id gives 404."""
    token = desk_token_of(request.user.pk, named_id(request.POST.get("key")))
    if token is None:
        raise Http404
    with planes.at_desk(request.user.pk, token.workspace_id):
        services.revoke_key(key=ApiKey.objects.get(pk=token.id), by=request.user)
    messages.success(request, "The token is revoked.")
