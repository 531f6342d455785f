"""The start page, and a workspace's members, invitations and API keys."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from rlhfhub.members import services as inviting
from rlhfhub.members.boards import KEYS
from rlhfhub.members.forms import InviteForm, KeyForm, WorkspaceForm
from rlhfhub.members.sides import work_begins_at
from rlhfhub.tenancy import selectors, services
from rlhfhub.tenancy.decorators import MemberRequest, signed_in, workspace_view
from rlhfhub.tenancy.models import ApiKey, Invitation, Membership, User
from rlhfhub.tenancy.roles import Capability, Role
from rlhfhub.web import listing
from rlhfhub.web.pages import (
    Page,
    form_page,
    go,
    named_id,
    refusals_as_messages,
    refusals_on,
    workspace_context,
)
from rlhfhub.web.queries import takes

form_methods = require_http_methods(["GET", "POST"])


@takes("cursor")
@require_GET
def home(request: MemberRequest) -> HttpResponse:
    """Show the person's workspaces. Redirect whoever used the side of work last to the page where their work begins.

    To visitors, show what this site is. Whoever has work to give and no workspace goes on to make one.
    """
    context: dict[str, Any] = {"nav": "workspaces"}
    if request.user.is_authenticated and request.user.side == User.Side.WORK:
        return go(request, work_begins_at(request.user.pk))
    if request.user.is_authenticated:
        after = request.GET.get("cursor", "").replace("\0", "") or None
        most = listing.SIZE + 1
        mine = selectors.memberships_of(request.user.pk, after=after, most=most)
        if not mine and not after and request.user.side == User.Side.GIVE:
            return go(request, reverse("workspace_new"))
        context["listing"] = listing.cut(mine, request, key=lambda one: one.slug)
    return Page(request, "rlhfhub/members/home.html", context)


@form_methods
@signed_in
def workspace_new(request: MemberRequest) -> HttpResponse:
    """Make a new workspace with the user as its owner."""
    form = WorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.create_workspace(user=request.user, **form.cleaned_data)
        if form.is_valid():
            return go(request, reverse("workspace", args=[form.cleaned_data["slug"]]))
    context = {"form": form, "nav": "workspaces"}
    return Page(
        request, "rlhfhub/members/workspace_new.html", context, status=422 if form.errors else 200
    )


@form_methods
def invitation(request: MemberRequest, token: str) -> HttpResponse:
    """Show an invitation's workspace and role. The user with the invited address can accept it."""
    invited = selectors.invitation_by(token)
    user = request.user
    wrong = bool(invited and user.is_authenticated and user.email.lower() != invited.email)
    if request.method == "POST" and invited and user.is_authenticated and not wrong:
        with refusals_as_messages(request):
            services.accept_invitation(user=user, token=token)
            services.set_side(user=user, side=User.Side.GIVE)
            messages.success(request, f"You are a member of {invited.workspace} now.")
        return go(request, reverse("home"))
    context = {
        "invitation": invited,
        "workspace_name": invited.workspace if invited else "",
        "wrong_email": wrong,
    }
    status = 200 if invited else 404
    return Page(request, "rlhfhub/members/invitation.html", context, status=status)


@takes("cursor", "invited")
@form_methods
@workspace_view(Capability.VIEW)
def members(request: MemberRequest) -> HttpResponse:
    """Show the members. Owners invite, change roles and remove. An invitation is mailed; its link is shown once."""
    form, link = InviteForm(), None
    if request.method == "POST":
        if not request.member.may(Capability.MEMBERS):
            raise PermissionDenied
        action = request.POST.get("action")
        if action in _ACTIONS:
            _ACTIONS[action](request)
            return go(request, reverse("members", args=[request.member.workspace.slug]))
        form = InviteForm(request.POST)
        link = _invite(request, form) if form.is_valid() else None
    context = {
        **workspace_context(request, "members"),
        "listing": listing.listed(selectors.members(), request, "id"),
        "invitations": listing.listed(selectors.open_invitations(), request, "-id", name="invited"),
        "roles": Role.choices,
        "form": InviteForm() if link else form,
        "invite_url": link,
    }
    return form_page(request, "rlhfhub/members/members.html", form, context)


def _invite(request: MemberRequest, form: InviteForm) -> str | None:
    token = ""
    with refusals_on(form):
        member = request.member
        _, token = inviting.invite(workspace=member.workspace, by=member.user, **form.cleaned_data)
    return request.build_absolute_uri(reverse("invitation", args=[token])) if token else None


def _change_role(request: MemberRequest) -> None:
    membership = _one(Membership.objects.select_related("user"), request.POST.get("membership"))
    with refusals_as_messages(request):
        services.change_role(
            membership=membership, role=request.POST.get("role", ""), by=request.member.user
        )
        messages.success(request, f"The role of {membership.user} was changed.")


def _remove(request: MemberRequest) -> None:
    membership = _one(Membership.objects.select_related("user"), request.POST.get("membership"))
    who = str(membership.user)
    with refusals_as_messages(request):
        keys = services.remove_member(membership=membership, by=request.member.user)
        ended = f" {keys} API key{'s' if keys != 1 else ''} they made ended too." if keys else ""
        messages.success(request, f"{who} is no longer a member.{ended}")


def _revoke_invitation(request: MemberRequest) -> None:
    invitation = _one(Invitation.objects.all(), request.POST.get("invitation"))
    services.revoke_invitation(invitation=invitation, by=request.member.user)
    messages.success(request, "The invitation was revoked.")


_ACTIONS: dict[str | None, Callable[[MemberRequest], None]] = {
    "role": _change_role,
    "remove": _remove,
    "revoke": _revoke_invitation,
}


def _one(rows: Any, key: str | None) -> Any:
    """Return the row that a form names. Raises Http404 for no id and for an id of another workspace."""
    return get_object_or_404(rows, pk=named_id(key))


@takes("cursor", "tokens")
@form_methods
@workspace_view(Capability.EDIT)
def keys(request: MemberRequest) -> HttpResponse:
    """Show the workspace's API keys, and a form for a new one. Its secret is shown once, in the form's response.

    Annotators make their own tokens; members who may revoke a key may revoke those too.
    """
    form, made, secret = KeyForm(), None, None
    if request.method == "POST" and request.POST.get("action") == "revoke":
        services.revoke_key(
            key=_one(ApiKey.objects.all(), request.POST.get("key")), by=request.member.user
        )
        messages.success(request, "The key is revoked.")
        return go(request, reverse("keys", args=[request.member.workspace.slug]))
    if request.method == "POST":
        form = KeyForm(request.POST)
        if form.is_valid():
            made, secret = _make_key(request, form)
    context = {
        **workspace_context(request, "keys"),
        "panels": KEYS.panels(request),
        "listing": listing.listed(selectors.keys(), request, "is_revoked", "-id"),
        "form": KeyForm() if secret else form,
        "new_key": made,
        "new_secret": secret,
    }
    return form_page(request, "rlhfhub/members/keys.html", form, context)


def _make_key(request: MemberRequest, form: KeyForm) -> tuple[ApiKey, str]:
    return services.create_key(
        workspace_id=request.member.workspace.pk,
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        by_id=request.member.user.pk,
        expires_at=form.expires_at(),
    )
