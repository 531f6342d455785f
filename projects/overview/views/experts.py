"""The experts' page: the desk, on which members give the right answers to items."""

import secrets
import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.items.keys import services
from projects.items.keys.given import BY_CHARS
from projects.items.models import Batch, Item, Key
from projects.kinds import form as forms
from projects.overview.experts import Wanted, asked_of, judgment_of, next_item, progress_of
from projects.overview.forms import ExpertForm
from projects.plan.models import GuidelineVersion, Project
from projects.plan.pages import project_context
from projects.work.forms import errors_by_question
from projects.work.guidelines import Drawer
from projects.work.services.queue import draw_order
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import go, page_or_partial, wants_part
from rlhfhub.web.queries import takes

Context = dict[str, Any]


@takes("item", "skip", form=("batch", "show"))
@require_GET
@workspace_view(Capability.EDIT)
def expert(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show the next item that lacks this member's right answer; for htmx only the partial."""
    context = project_context(request, project_id, "items")
    wanted = _wanted(request, context["project"])
    if wanted.show and not wanted.batch:
        messages.error(request, "Choose a batch: keyed items cannot be narrowed.")
        return go(request, reverse("keyed_items", args=[request.member.workspace.slug, project_id]))
    return _show_next(request, context, wanted)


@takes("item", "skip", form=("batch", "show"))
@require_POST
@workspace_view(Capability.EDIT)
def expert_answer(
    request: MemberRequest, project_id: uuid.UUID, item_id: uuid.UUID
) -> HttpResponse:
    """Store the member's right answer and show the next item. A refused answer is shown again with its errors (422)."""
    context = project_context(request, project_id, "items")
    project: Project = context["project"]
    wanted = _wanted(request, project)
    item = _item(project, item_id)
    keys = [str(index) for index in range(len(item.responses))]
    answer = forms.read_form(project.form.questions if project.form else [], request.POST, keys)
    given = judgment_of(project, answer)
    try:
        services.pick(
            item=item,
            answer=given.answer,
            by=_name(request.member.user),
            rule=request.POST.get("rule", "").strip().upper(),
            note=given.note,
            source=Key.Source.EXPERT,
            actor_id=request.member.user.pk,
        )
    except Refused as refused:
        errors = {
            "draft": answer,
            "errors": errors_by_question(refused),
            "rule": request.POST.get("rule", ""),
        }
        return _show_item(request, context, wanted, item, status=422, **errors)
    if not wants_part(request):
        messages.success(request, "The right answer was saved. Here is the next item.")
        return go(request, _address(request, project, wanted))
    return _show_next(request, context, wanted)


def _wanted(request: MemberRequest, project: Project) -> Wanted:
    """Which items the query asks for. What names nothing of this project is answered with 404."""
    form = ExpertForm(request.GET)
    if not form.is_valid():
        raise Http404
    chosen = form.cleaned_data
    batch, item = chosen["batch"], chosen["item"]
    return Wanted(
        batch=get_object_or_404(Batch, pk=batch, project=project) if batch else None,
        show=chosen["show"],
        item=_item(project, item) if item else None,
    )


def _item(project: Project, item_id: uuid.UUID) -> Item:
    found: Item = get_object_or_404(Item.every.filter(repeat_of=None), pk=item_id, project=project)
    return found


def _name(user: User) -> str:
    """The name under which a member's keys are stored."""
    return (user.name.strip() or user.email)[:BY_CHARS]


def _address(request: MemberRequest, project: Project, wanted: Wanted, **more: str) -> str:
    """The URL of the next item. An item that was asked for alone is not asked for again."""
    query = {"batch": wanted.batch and wanted.batch.pk, "show": wanted.show, **more}
    said = urlencode({name: value for name, value in query.items() if value})
    page = reverse("expert", args=[request.member.workspace.slug, project.pk])
    return f"{page}?{said}" if said else page


def _show_next(request: MemberRequest, context: Context, wanted: Wanted) -> HttpResponse:
    project: Project = context["project"]
    skipped = ExpertForm(request.GET).skipped
    item = next_item(project, wanted, _name(request.member.user), skipped)
    if item is None:
        return _show(request, context, wanted, "projects/overview/_expert_empty.html")
    return _show_item(request, context, wanted, item)


def _show_item(
    request: MemberRequest,
    context: Context,
    wanted: Wanted,
    item: Item,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    project: Project = context["project"]
    questions = asked_of(project)
    order = draw_order(secrets.randbits(62), len(item.responses))
    answer = reverse("expert_answer", args=[request.member.workspace.slug, project.pk, item.pk])
    query = _address(request, project, wanted).partition("?")[2]
    shown = {
        "item": item,
        "prompt": item.prompt,
        # A response's key is its index in the item, so an answer is in stored order whatever order was shown.
        "responses": [
            {"key": str(index), "messages": item.responses[index]["messages"]} for index in order
        ],
        "context": item.context,
        "several": len(item.responses) > 1,
        "questions": questions.every,
        "asked_of_each": questions.of_each,
        "asked_once": questions.once,
        "picker": questions.picker,
        "draft": {},
        "errors": {},
        "answer_url": f"{answer}?{query}" if query else answer,
        "skip_url": _address(request, project, wanted, skip=str(item.pk)),
        **more,
    }
    partial = "projects/overview/_expert.html"
    return _show(request, context | shown, wanted, partial, status=status)


def _show(
    request: MemberRequest, context: Context, wanted: Wanted, partial: str, *, status: int = 200
) -> HttpResponse:
    project: Project = context["project"]
    name = _name(request.member.user)
    version: GuidelineVersion | None = project.guideline_version
    context = {
        **context,
        "wanted": wanted,
        "expert_name": name,
        "progress": progress_of(project, name),
        "guideline": Drawer(version, None, None) if version else None,
        "desk_partial": partial,
    }
    return page_or_partial(
        request,
        "projects/overview/expert.html",
        partial,
        context,
        status=status,
        has_topbar=False,
    )
