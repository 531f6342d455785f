"""The page of a project's items, and the page of one item."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from projects.items import metadata
from projects.items.boards import ITEM
from projects.items.forms import MetadataKeysForm
from projects.items.models import Batch, Item
from projects.overview.forms import FilterForm
from projects.overview.item import item_of
from projects.overview.items import ItemLine, items_found
from projects.overview.views.keyed import right_answer_context
from projects.plan.models import Project
from projects.plan.pages import project_context
from projects.quality import selectors
from projects.review.adjudication.selectors import answered_by
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import Listing, rest_of
from rlhfhub.web.pages import Page, go, refusals_on
from rlhfhub.web.queries import takes

SIZE = 50


@takes("cursor", "batch", form=("external_id", "show", "key", "value"))
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def items(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """List the project's items that pass the filters in the query. POST declares the project's metadata keys."""
    context = project_context(request, project_id, "items")
    project: Project = context["project"]
    keys_form = MetadataKeysForm(
        request.POST if request.method == "POST" else None,
        initial={"keys": "\n".join(project.metadata_keys)},
    )
    if request.method == "POST":
        if not request.member.may(Capability.EDIT):
            raise PermissionDenied
        if _declare_keys(request, project, keys_form):
            return go(request, request.path)
    filter_form = FilterForm(request.GET or None, project=project)
    listing = _listing(request, project, filter_form)
    context |= {
        "listing": listing,
        "filter_form": filter_form,
        "filtered": filter_form.is_filtered,
        "batch": _batch(project, filter_form),
        "keys_form": keys_form,
        "question": selectors.headline(project),
        "own": answered_by(request.member.user.pk, [line.id for line in listing.rows]),
    }
    status = 422 if keys_form.errors or filter_form.errors else 200
    return Page(request, "projects/overview/items.html", context, status=status)


def _declare_keys(request: MemberRequest, project: Project, form: MetadataKeysForm) -> bool:
    """Declare the keys in the form. Returns False if the form or the service refuses them."""
    if form.is_valid():
        with refusals_on(form):
            keys = form.cleaned_data["keys"]
            metadata.declare_keys(project=project, keys=keys, actor_id=request.member.user.pk)
            messages.success(request, "The metadata keys were saved.")
    return form.is_valid()


def _listing(request: MemberRequest, project: Project, form: FilterForm) -> Listing[ItemLine]:
    """A page of items; an empty one if the filters are not valid."""
    after = request.GET.get("cursor", "")
    if not form.is_valid():
        return Listing([], "cursor", "", not after, rest_of(request, "cursor"))
    try:
        found = items_found(project, form.filters(), after=after, size=SIZE)
    except ValueError as error:
        raise Http404 from error
    return Listing(found.lines, "cursor", found.after, not after, rest_of(request, "cursor"))


def _batch(project: Project, form: FilterForm) -> Batch | None:
    """The batch that the list is limited to, if any. A batch of another project is answered with 404."""
    batch_id = form.filters().batch if form.is_valid() else None
    return get_object_or_404(Batch, pk=batch_id, project=project) if batch_id else None


@require_GET
@workspace_view(Capability.VIEW)
def item(request: MemberRequest, item_id: uuid.UUID) -> HttpResponse:
    """Show one item with all its answers side by side."""
    found: Item = get_object_or_404(Item.objects.select_related("batch"), pk=item_id)
    context: dict[str, Any] = project_context(request, found.project_id, "items")
    context["one"] = item_of(found, context["project"])
    context["panels"] = ITEM.panels(found)
    context["is_own"] = bool(answered_by(request.member.user.pk, [found.pk]))
    if request.member.may(Capability.EDIT):
        context["right_answer"] = right_answer_context(context["project"], found)
    slug = request.member.workspace.slug
    of_batch = reverse("project_items", args=[slug, found.project_id])
    context["batch_items"] = f"{of_batch}?{urlencode({'batch': found.batch_id})}"
    return Page(request, "projects/overview/item.html", context)
