"""The page of a batch; change its plan, open, pause and close it. (`upload_views` imports items.)"""

import uuid
from typing import Any

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.items import selectors, services
from projects.items.boards import BATCH
from projects.items.forms import PlanForm
from projects.items.models import Batch
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import Page, go, refusals_as_messages, workspace_context


@require_GET
@workspace_view(Capability.VIEW)
def batch(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Show the batch: its items, cost and progress."""
    return batch_page(request, selectors.batch_of(batch_id), {})


def batch_page(
    request: MemberRequest, batch: Batch, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Return the batch's page. `more` is added to its context, such as the errors of an import."""
    context = {
        **workspace_context(request, "projects"),
        "project": batch.project,
        "batch": batch,
        "receipt": selectors.last_receipt(batch),
        "plan_form": PlanForm(initial=model_to_dict(batch, PlanForm.base_fields)),
        "panels": BATCH.panels(batch),
        **more,
    }
    return Page(request, "projects/items/batch.html", context, status=status)


@require_POST
@workspace_view(Capability.EDIT)
def batch_open(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Open the batch, so that annotators may lease."""
    with refusals_as_messages(request):
        services.open_batch(batch=selectors.batch_of(batch_id), actor_id=request.member.user.pk)
        messages.success(request, "The batch is open. Annotators can work on its items now.")
    return go(request, address(request, batch_id))


@require_POST
@workspace_view(Capability.EDIT)
def batch_plan(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Change the overlap plan. An invalid form is shown again on the batch's page."""
    found = selectors.batch_of(batch_id)
    form = PlanForm(request.POST)
    if not form.is_valid():
        return batch_page(request, found, {"plan_form": form}, status=422)
    with refusals_as_messages(request):
        plan = services.Plan(**form.cleaned_data)
        services.change_plan(batch=found, plan=plan, actor_id=request.member.user.pk)
    return go(request, address(request, batch_id))


@require_POST
@workspace_view(Capability.EDIT)
def batch_pause(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Pause the batch: no new leases until it is opened again."""
    with refusals_as_messages(request):
        services.pause_batch(batch=selectors.batch_of(batch_id), actor_id=request.member.user.pk)
        messages.success(
            request, "The batch is paused. No items are handed out until you open it again."
        )
    return go(request, address(request, batch_id))


@require_POST
@workspace_view(Capability.EDIT)
def batch_close(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Close the batch: no new leases."""
    with refusals_as_messages(request):
        services.close_batch(batch=selectors.batch_of(batch_id), actor_id=request.member.user.pk)
        messages.success(
            request, "The batch is closed. Work that has begun can still be submitted."
        )
    return go(request, address(request, batch_id))


def address(request: MemberRequest, batch_id: uuid.UUID) -> str:
    """Return the URL of the batch's page."""
    return reverse("batch", args=[request.member.workspace.slug, batch_id])
