"""The pages of a project's keyed items, whose right answers only members who may edit see."""

import re
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.items.keys import services
from projects.items.models import Batch, Item, Key
from projects.kinds import form as forms
from projects.overview.forms import EXPERT_SHOWS, RightAnswerForm
from projects.overview.keyed import (
    KeyLine,
    health_at,
    key_lines,
    keyed_items,
    right_answer_questions,
)
from projects.overview.keyed_summary import ORDERS, listed_items, summary_of
from projects.plan.models import Project
from projects.plan.pages import project_context
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import Listing, listed
from rlhfhub.web.pages import Page, go, refusals_as_messages
from rlhfhub.web.queries import takes

SIZE = 50
_RULE = re.compile("R[0-9]{1,6}")


@takes("cursor", "sort", "rule")
@require_GET
@workspace_view(Capability.EDIT)
def keyed(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """List the project's keyed items, by default the newest first, below a summary of them.

    `rule` selects those with a right answer that counts and cites this rule.
    """
    return keyed_page(request, project_id, {})


def keyed_page(
    request: MemberRequest, project_id: uuid.UUID, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Return the page of the keyed items. `more` is added to its context, such as the errors of an import."""
    context = project_context(request, project_id, "items")
    project: Project = context["project"]
    order = request.GET.get("sort", next(iter(ORDERS)))
    if order not in ORDERS:
        raise Http404
    rule = request.GET.get("rule", "")
    if rule and not _RULE.fullmatch(rule):
        raise Http404
    found = listed(listed_items(project, rule), request, *ORDERS[order].columns, size=SIZE)
    listing = Listing(
        keyed_items(project, found.rows), found.name, found.next_cursor, found.is_first, found.rest
    )
    context |= {
        "listing": listing,
        "health_at": health_at(listing.rows),
        "summary": summary_of(project),
        "sort": order,
        "rule": rule,
        "sorts": ORDERS,
        "expert_batches": list(Batch.objects.filter(project=project).order_by("-number")[:SIZE]),
        "expert_shows": EXPERT_SHOWS,
        **more,
    }
    return Page(request, "projects/overview/keyed.html", context, status=status)


@require_GET
@workspace_view(Capability.EDIT)
def keyed_item(request: MemberRequest, item_id: uuid.UUID) -> HttpResponse:
    """Show a keyed item with the right answers of all people."""
    rows = Item.every.filter(batch__is_pool=True, repeat_of=None)
    found: Item = get_object_or_404(rows, pk=item_id)
    context: dict[str, Any] = project_context(request, found.project_id, "items")
    (context["one"],) = keyed_items(context["project"], [found])
    lines: list[KeyLine] = key_lines(context["project"], found)
    context |= {"lines": lines, "right_answer": right_answer_context(context["project"], found)}
    return Page(request, "projects/overview/keyed_item.html", context)


def right_answer_context(project: Project, item: Item) -> dict[str, Any]:
    """Return what the form for a right answer needs: the form's questions, and the item's responses by their index."""
    return {
        "form": RightAnswerForm(),
        "responses": [{"key": str(index)} for index in range(len(item.responses))],
        "asked": right_answer_questions(project),
    }


@require_POST
@workspace_view(Capability.EDIT)
def right_answer(request: MemberRequest, item_id: uuid.UUID) -> HttpResponse:
    """Give the right answer to an item, which is copied to the keyed items unless it is one."""
    rows = Item.every.filter(repeat_of=None).select_related("project__form", "batch")
    item: Item = get_object_or_404(rows, pk=item_id)
    form = RightAnswerForm(request.POST)
    slug, page = request.member.workspace.slug, "keyed_item" if item.batch.is_pool else "item"
    if not form.is_valid():
        for name, wrong in form.errors.items():
            messages.error(request, f"{form.fields[name].label}: {wrong[0]}")
        return go(request, reverse(page, args=[slug, item_id]))
    questions = item.project.form.questions if item.project.form else []
    keys = [str(index) for index in range(len(item.responses))]
    shown = item_id
    with refusals_as_messages(request):
        answer = forms.read_form(questions, request.POST, keys)
        actor_id = request.member.user.pk
        keyed = services.pick(item=item, answer=answer, actor_id=actor_id, **form.cleaned_data)
        page, shown = "keyed_item", keyed.pk
        messages.success(request, "The right answer was saved. Annotators cannot see it.")
    return go(request, reverse(page, args=[slug, shown]))


@require_POST
@workspace_view(Capability.EDIT)
def key_retire(request: MemberRequest, key_id: uuid.UUID) -> HttpResponse:
    """Retire a right answer, with the reason in the form."""
    key: Key = get_object_or_404(Key, pk=key_id)
    with refusals_as_messages(request):
        because = request.POST.get("because", "")
        services.retire(key=key, because=because, actor_id=request.member.user.pk)
        messages.success(request, "The right answer is retired and no longer counts.")
    return _to_item(request, key)


@require_POST
@workspace_view(Capability.EDIT)
def key_restore(request: MemberRequest, key_id: uuid.UUID) -> HttpResponse:
    """Let a retired right answer count again."""
    key: Key = get_object_or_404(Key, pk=key_id)
    with refusals_as_messages(request):
        services.restore(key=key, actor_id=request.member.user.pk)
        messages.success(request, "The right answer counts again.")
    return _to_item(request, key)


def _to_item(request: MemberRequest, key: Key) -> HttpResponse:
    return go(request, reverse("keyed_item", args=[request.member.workspace.slug, key.item_id]))
